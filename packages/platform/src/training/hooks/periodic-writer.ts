import type { Hook } from "../hook.ts";

/**
 * Ends the recorder's rows: after each step and each epoch, what was put in becomes a row, and is
 * written at once. Hooks that put something in come before it, hooks that read rows after it.
 */
export function periodicWriter(): Hook {
  return {
    name: "periodic_writer",
    afterStep({ recorder, epoch, step }) {
      recorder.endStep({ epoch, step });
    },
    afterEpoch({ recorder, epoch, step }) {
      recorder.endEpoch({ epoch, step });
    },
  };
}
