import type { Hook } from "../hook.ts";
import { UnknownMetricError } from "../unknown-metric-error.ts";

export interface BestMetricConfig {
  readonly val_metric: string;
  readonly val_mode: "min" | "max";
}

/** Plain data, so that it survives a checkpoint; null until the first validation. */
type State = {
  readonly metric: string;
  readonly best: number;
  readonly epoch: number;
  readonly step: number;
} | null;

/**
 * Remembers the best value of `val_metric`, and records it each epoch as `best_<val_metric>`. NaN and
 * infinities are never the best.
 */
export function bestMetricSaver({ val_metric, val_mode }: BestMetricConfig): Hook<State> {
  let state: State = null;
  return {
    name: "best_metric_saver",
    priority: "high",
    afterValidation({ metrics, recorder, epoch, step }) {
      const value = metrics[val_metric];
      if (value === undefined) {
        throw new UnknownMetricError("best_metric_saver", val_metric, Object.keys(metrics));
      }
      if (isBetter(value, state?.best ?? null, val_mode)) {
        state = { metric: val_metric, best: value, epoch, step };
      }
      if (state !== null) {
        recorder.putScalar(`best_${val_metric}`, state.best, { scope: "epoch" });
      }
    },
    saveState: () => state,
    loadState: (saved) => {
      state = saved?.metric === val_metric ? saved : null; // another metric has no best yet
    },
  };
}

/** Whether `value` is a number, and better than `best`; any number is better than none. */
export function isBetter(value: number, best: number | null, mode: "min" | "max"): boolean {
  if (!Number.isFinite(value)) return false;
  if (best === null) return true;
  return mode === "min" ? value < best : value > best;
}
