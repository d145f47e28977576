import { type Generator, op, type Tensor } from "@cell-observatory/engine";
import { drawPoisson } from "./draw-poisson.ts";

/** From this deviation of the read noise on, nobody sees that electrons are counted in whole ones. */
const smooth = 3;

/**
 * Electrons that a camera reads: Poisson of the means given, plus normal read noise, in electrons.
 *
 * Where the read noise is 3 electrons or more, their sum is drawn at once: a normal variable of their
 * joint mean and variance, bent as much as gives it Poisson's skewness (Cornish and Fisher).
 *
 * @param means - not below 0, float32; left alone.
 */
export function drawElectrons(means: Tensor, readNoise: number, generator: Generator): Tensor {
  const z = op("aten::empty_like")(means).normal_(0, 1, generator);
  if (readNoise < smooth) return z.mul_(readNoise).add_(drawPoisson(means, generator));
  const variance = means.add(readNoise ** 2);
  const bend = means.div(variance).mul_(1 / 6);
  const spread = op("aten::addcmul_")(variance, bend, bend, -2); // what the bend adds is taken away
  op("aten::sqrt_")(spread).mul_(z);
  z.mul_(z).sub_(1);
  return op("aten::addcmul_")(spread, bend, z).add_(means);
}
