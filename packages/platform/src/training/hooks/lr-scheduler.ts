import type { Hook } from "../hook.ts";

/** Records the learning rate of each step as `lr`. The schedule itself has no state to step. */
export function lrScheduler(): Hook {
  return {
    name: "lr_scheduler",
    afterStep({ recorder, lr }) {
      recorder.putScalar("lr", lr, { scope: "step" });
    },
  };
}
