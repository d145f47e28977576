import type { MovieConfig } from "./movie-config.ts";
import { PhiloxNoise } from "./philox-noise.ts";

const stream = 3;
/** Below this many electrons, and with little read noise, Poisson is drawn exactly. */
const fewElectrons = 24;
const quietElectrons = 3;

/**
 * A camera that turns expected photons into counts: electrons are Poisson around photons x quantum
 * efficiency, read noise is normal, and counts = electrons / electrons per count + offset, rounded
 * and cut to 16 bits.
 *
 * Both noises are drawn at once, as the normal variable of their joint mean and variance with the
 * Cornish-Fisher term that gives it Poisson's skewness.
 */
export class Camera {
  readonly #noise: PhiloxNoise;
  readonly #efficiency: number;
  readonly #electronsPerCount: number;
  readonly #readElectrons: number;
  readonly #offset: number;
  readonly #quantiles = normalQuantiles();

  constructor(config: MovieConfig) {
    this.#noise = new PhiloxNoise(config.seed, stream);
    this.#efficiency = config.quantum_efficiency;
    this.#electronsPerCount = config.electrons_per_count;
    this.#readElectrons = config.sigma_background_noise * config.electrons_per_count;
    this.#offset = config.mean_background_offset;
  }

  /**
   * Exposes one row of voxels. `photons` and `counts` begin at voxel `x` of row (t, z, y), channel
   * c, and `x` is a multiple of 8; `stride` is the number of channels in `counts`.
   */
  expose(
    photons: Float32Array,
    counts: { data: Uint16Array; offset: number; stride: number },
    place: { t: number; z: number; y: number; x: number; width: number },
  ): void {
    const { block } = this.#noise;
    const readVariance = this.#readElectrons ** 2;
    const gain = 1 / this.#electronsPerCount;
    const isQuiet = this.#readElectrons < quietElectrons;
    for (let i = 0; i < place.width; i++) {
      const lane = i & 7;
      if (lane === 0) this.#noise.draw((place.x + i) >>> 3, place.y, place.z, place.t);
      const mean = (photons[i] ?? 0) * this.#efficiency;
      let electrons: number;
      if (isQuiet && mean < fewElectrons) {
        electrons = this.#drawFew(mean, place, i);
        this.#noise.draw((place.x + i) >>> 3, place.y, place.z, place.t);
      } else {
        const word = block[lane >> 1] ?? 0;
        const normal = this.#quantiles[(lane & 1) === 0 ? word & 0xffff : word >>> 16] ?? 0;
        const variance = mean + readVariance;
        const skew = variance > 0 ? (mean / (6 * variance)) * (normal * normal - 1) : 0;
        electrons = mean + Math.sqrt(variance) * normal + skew;
      }
      const value = electrons * gain + this.#offset + 0.5;
      counts.data[counts.offset + i * counts.stride] = Math.min(65535, Math.max(0, value));
    }
  }

  /** Poisson by inversion, then read noise; from a block of its own for each voxel. */
  #drawFew(mean: number, place: { t: number; z: number; y: number; x: number }, i: number): number {
    this.#noise.draw(0x80000000 | (place.x + i), place.y, place.z, place.t);
    const [first = 0, second = 0] = this.#noise.block;
    let part = Math.exp(-mean);
    let rest = (first + 0.5) / 2 ** 32 - part;
    let electrons = 0;
    while (rest > 0 && electrons < 200) {
      electrons += 1;
      part *= mean / electrons;
      rest -= part;
    }
    return electrons + this.#readElectrons * (this.#quantiles[second >>> 16] ?? 0);
  }
}

/** The normal distribution at the middles of 2^16 equal parts, with variance exactly 1. */
function normalQuantiles(): Float32Array<ArrayBuffer> {
  const size = 1 << 16;
  const quantiles = Float64Array.from({ length: size }, (_, i) => normalQuantile((i + 0.5) / size));
  const variance = quantiles.reduce((sum, value) => sum + value * value, 0) / size;
  return Float32Array.from(quantiles, (value) => value / Math.sqrt(variance));
}

/**
 * The x below which a part p of the normal distribution lies; relative error below 1.2e-9.
 * Source: P. J. Acklam, "An algorithm for computing the inverse normal cumulative distribution".
 */
function normalQuantile(p: number): number {
  if (p > 0.5) return -normalQuantile(1 - p);
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(p));
    return polynomial(tailTop, q) / (polynomial(tailBottom, q) * q + 1);
  }
  const q = p - 0.5;
  const r = q * q;
  return (polynomial(middleTop, r) * q) / (polynomial(middleBottom, r) * r + 1);
}

/** Coefficients from the highest power down. */
const polynomial = (coefficients: readonly number[], x: number) =>
  coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);

const middleTop = [
  -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2,
  -3.066479806614716e1, 2.506628277459239,
];
const middleBottom = [
  -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1,
  -1.328068155288572e1,
];
const tailTop = [
  -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734,
  4.374664141464968, 2.938163982698783,
];
const tailBottom = [
  7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416,
];
