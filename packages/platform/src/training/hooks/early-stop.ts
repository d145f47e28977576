import type { Hook } from "../hook.ts";
import { UnknownMetricError } from "../unknown-metric-error.ts";
import { isBetter } from "./best-metric-saver.ts";

export interface EarlyStopConfig {
  readonly metric: string;
  readonly mode: "min" | "max";
  /** Validations without an improvement after which training stops. */
  readonly patience: number;
  /** What counts as an improvement, in units of the metric. */
  readonly stopping_threshold: number;
}

/** Plain data, so that it survives a checkpoint; `best` is null until the first validation. */
type State = { readonly best: number | null; readonly stale: number };

/** Asks the trainer to stop once `metric` has not improved for a while; NaN is no improvement. */
export function earlyStop(config: EarlyStopConfig): Hook<State> {
  const { metric, mode, patience, stopping_threshold } = config;
  let state: State = { best: null, stale: 0 };
  const verdict = () =>
    state.stale >= patience
      ? `${metric} has not improved on ${state.best} in ${patience} validations`
      : null;
  return {
    name: "early_stop",
    priority: "low",
    afterValidation({ metrics, stop }) {
      const value = metrics[metric];
      if (value === undefined) {
        throw new UnknownMetricError("early_stop", metric, Object.keys(metrics));
      }
      const { best, stale } = state;
      const towards = mode === "min" ? value + stopping_threshold : value - stopping_threshold;
      state = isBetter(best === null ? value : towards, best, mode)
        ? { best: value, stale: 0 }
        : { best, stale: stale + 1 };
      const reason = verdict();
      if (reason !== null) stop(reason);
    },
    saveState: () => state,
    loadState: (saved) => {
      state = saved;
    },
    verdict,
  };
}
