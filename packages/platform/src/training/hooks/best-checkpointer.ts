import type { Hook } from "../hook.ts";
import { type BestMetricConfig, isBetter } from "./best-metric-saver.ts";

/** The best value that has a checkpoint, and of what; null: none has. */
type State = { readonly metric: string; readonly best: number } | null;

/** Asks for a checkpoint, to be named `best`, after each validation that improves on `val_metric`. */
export function bestCheckpointer({ val_metric, val_mode }: BestMetricConfig): Hook<State> {
  let state: State = null;
  return {
    name: "best_checkpointer",
    priority: "low",
    afterValidation({ metrics, save }) {
      const value = metrics[val_metric] ?? Number.NaN;
      if (!isBetter(value, state?.best ?? null, val_mode)) return;
      const before = state;
      state = { metric: val_metric, best: value };
      save({
        isBest: true,
        ifFailed: () => {
          state = before;
        },
      });
    },
    saveState: () => state,
    loadState: (saved) => {
      state = saved?.metric === val_metric ? saved : null; // another metric has no best yet
    },
  };
}
