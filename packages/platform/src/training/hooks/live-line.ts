import { memoryUsage } from "node:process";
import type { Progress } from "../../telemetry/index.ts";
import type { Hook } from "../hook.ts";

/** Shows each step in the live line, and says in a line of its own how each validation went. */
export function liveLine(progress: Progress): Hook {
  return {
    name: "live_line",
    priority: "very-low",
    afterStep({ epoch, step, totalSteps, stepsPerEpoch, loss, lr, sampleIds, waitMs }) {
      progress.step({
        epoch,
        numEpochs: Math.ceil(totalSteps / stepsPerEpoch),
        step,
        numSteps: totalSteps,
        loss,
        lr,
        memoryBytes: memoryUsage.rss(),
        samples: sampleIds.length,
        dataWaitS: waitMs / 1000,
      });
    },
    afterValidation({ epoch, step, metrics }) {
      const shown = Object.entries(metrics).map(
        ([name, value]) => `${name} ${value.toPrecision(4)}`,
      );
      progress.say(`epoch ${epoch + 1}, step ${step}: ${shown.join("  ")}`);
    },
  };
}
