import { type Generator, op, type Tensor } from "@cell-observatory/engine";

/** From this mean on, a rounded normal variable takes Poisson's place. */
export const manyEvents = 64;

/** Variance that the bend of the curve and the rounding add: 2 / 36 + 1 / 12. */
const added = 5 / 36;

/**
 * Poisson numbers of the means given, float32.
 *
 * Below 64 they are drawn exactly. From 64 on they are round(m + s z + (z^2 - 1) / 6) of a normal z,
 * with s such that the variance is m: mean, variance and skewness are Poisson's, and no event's
 * probability is off by more than a small part of it (a test has the total, below 0.1 %). libtorch
 * draws one number at a time, on one thread, by rejection; this takes a fraction of its time.
 */
export function drawPoisson(means: Tensor, generator: Generator): Tensor {
  const z = op("aten::empty_like")(means).normal_(0, 1, generator);
  const spread = means.sub(added).clamp_(0);
  op("aten::sqrt_")(spread);
  const events = spread
    .mul_(z)
    .add_(means)
    .sub_(1 / 6);
  op("aten::addcmul_")(events, z, z, 1 / 6);
  op("aten::round_")(events.clamp_(0));
  const isFew = means.lt(manyEvents);
  if (Number(isFew.any().item()) === 0) return events;
  const few = op("aten::masked_select")(means, isFew).clamp_(0);
  return op("aten::masked_scatter_")(events, isFew, op("aten::poisson")(few, generator));
}
