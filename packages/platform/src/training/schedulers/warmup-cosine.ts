import type { SchedulersConfig } from "../../config/index.ts";
import type { Schedule } from "./schedule.ts";

/** How long a run is: optimizer steps in all, and in one epoch. */
export interface RunLength {
  readonly totalSteps: number;
  readonly stepsPerEpoch: number;
}

/**
 * Learning rate that rises linearly, falls along half a cosine, and stays low at the end.
 *
 *     lr      .-~-.
 *           .'     `.
 *         .'         `-._______   cos_min_ratio x lr
 *        warmup       cooldown
 *
 * With `t` in steps (or epochs), W warm-up, C cool-down, N in all:
 * for t < W:       lr (r + (1 - r) t / W), r = warmup_min_ratio
 * for t < N - C:   min + (lr - min) (1 + cos(pi (t - W) / (N - C - W))) / 2, min = cos_min_ratio lr
 * else             min
 *
 * Source: Loshchilov and Hutter 2017 (SGDR), equation 5, without restarts, as timm's
 * `CosineLRScheduler` with `warmup_prefix=True`. Unlike there, the cool-down lies inside the run.
 */
export function warmupCosine(
  lr: number,
  { update_type, warmup, cooldown, warmup_min_ratio, cos_min_ratio }: SchedulersConfig,
  { totalSteps, stepsPerEpoch }: RunLength,
): Schedule {
  const isByEpoch = update_type === "epoch";
  const length = isByEpoch ? Math.ceil(totalSteps / stepsPerEpoch) : totalSteps;
  const end = length - cooldown;
  const lowest = cos_min_ratio * lr;
  return ({ step, epoch }) => {
    const t = isByEpoch ? epoch : step;
    if (t < warmup) return lr * (warmup_min_ratio + ((1 - warmup_min_ratio) * t) / warmup);
    if (t >= end) return lowest;
    return lowest + ((lr - lowest) * (1 + Math.cos((Math.PI * (t - warmup)) / (end - warmup)))) / 2;
  };
}
