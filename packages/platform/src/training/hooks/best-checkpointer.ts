import type { Hook } from "../hook.ts";
import { type BestMetricConfig, isBetter } from "./best-metric-saver.ts";

/** The best value that has a checkpoint; null: none has. */
type State = { readonly best: number | null };

/** Asks for a checkpoint, to be named `best`, after each validation that improves on `val_metric`. */
export function bestCheckpointer({ val_metric, val_mode }: BestMetricConfig): Hook<State> {
  let state: State = { best: null };
  return {
    name: "best_checkpointer",
    priority: "low",
    afterValidation({ metrics, save }) {
      const value = metrics[val_metric] ?? Number.NaN;
      if (!isBetter(value, state.best, val_mode)) return;
      state = { best: value };
      save({ isBest: true });
    },
    saveState: () => state,
    loadState: (saved) => {
      state = saved;
    },
  };
}
