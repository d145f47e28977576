import { memoryUsage } from "node:process";
import type { Progress } from "../../telemetry/index.ts";
import type { Hook } from "../hook.ts";

/** Shows each step in the live line, and says in a line of its own how each validation went. */
export function liveLine(progress: Progress): Hook {
  return {
    name: "live_line",
    priority: "very-low",
    afterStep({ epoch, step, totalSteps, stepsPerEpoch, loss, lr, sampleIds, data }) {
      progress.step({
        epoch,
        numEpochs: Math.ceil(totalSteps / stepsPerEpoch),
        step,
        numSteps: totalSteps,
        loss,
        lr,
        memoryBytes: memoryUsage.rss(),
        samples: sampleIds.length,
        dataWaitS: data.waitMs / 1000,
        storageS: data.storageMs / 1000,
        decodeS: data.decodeMs / 1000,
      });
    },
    afterValidation({ epoch, step, metrics }) {
      const { val_step_loss = Number.NaN, ...parts } = metrics;
      const others = Object.entries(parts).filter(([, value]) => value !== val_step_loss);
      const shown = [["val_step_loss", val_step_loss] as const, ...others].map(
        ([name, value]) => `${name} ${value.toPrecision(4)}`,
      );
      progress.say(`epoch ${epoch + 1}, step ${step}: ${shown.join("  ")}`);
    },
  };
}
