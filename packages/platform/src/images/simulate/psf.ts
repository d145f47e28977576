import type { MovieConfig } from "./movie-config.ts";

/** Weights at offsets -radius .. radius along one axis; they sum to 1. */
export type Kernel = Float64Array;

/**
 * A point spread function as two separable parts: a sharp core, and a wide, weak halo of light
 * that scattered or that the light sheet excited out of focus. Along z the core leans to one side
 * with a shoulder behind it, as measured ones do under spherical aberration.
 *
 * The halo's lateral kernel is for bins of {@link haloBin} x {@link haloBin} voxels.
 */
export interface Psf {
  readonly core: { readonly axial: Kernel; readonly y: Kernel; readonly x: Kernel };
  readonly halo: { readonly axial: Kernel; readonly y: Kernel; readonly x: Kernel };
  readonly haloWeight: number;
}

/** Edge of a bin in which the halo is computed, in voxels; block edges are multiples of it. */
export const haloBin = 4;

// Widths of a detection objective of NA 1.0 behind some tissue, in micrometres (deviations).
const lateralUm = 0.3;
const axialUm = 0.72;
const shoulder = { weight: 0.16, shiftUm: 1.5, widthUm: 0.95 };
const haloUm = { lateral: 2.4, axial: 2.2 };
const haloWeight = 0.2;

export function createPsf({ voxel_size_um }: MovieConfig): Psf {
  const [z, y, x] = voxel_size_um;
  const axialCore = (um: number) =>
    (1 - shoulder.weight) * bell(um, axialUm) +
    shoulder.weight * bell(um - shoulder.shiftUm, shoulder.widthUm);
  return {
    core: {
      axial: sample(axialCore, z, 3.4),
      y: sample((um) => bell(um, lateralUm), y, 3 * lateralUm),
      x: sample((um) => bell(um, lateralUm), x, 3 * lateralUm),
    },
    halo: {
      axial: sample((um) => bell(um, haloUm.axial), z, 2.7 * haloUm.axial),
      y: sample((um) => bell(um, haloUm.lateral), y * haloBin, 2.7 * haloUm.lateral),
      x: sample((um) => bell(um, haloUm.lateral), x * haloBin, 2.7 * haloUm.lateral),
    },
    haloWeight,
  };
}

/** How far a kernel reaches to either side, in its own steps. */
export function radiusOf(kernel: Kernel): number {
  return (kernel.length - 1) / 2;
}

/** A normal density of deviation `width`. */
function bell(um: number, width: number): number {
  return Math.exp((-um * um) / (2 * width * width)) / width;
}

/** Tabulates a profile at steps of `stepUm` out to `reachUm`, averaged over each step. */
function sample(profile: (um: number) => number, stepUm: number, reachUm: number): Kernel {
  const radius = Math.min(32, Math.ceil(reachUm / stepUm - 0.5));
  const fine = 9;
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, index) => {
    let sum = 0;
    for (let part = 0; part < fine; part++) {
      sum += profile((index - radius + (part + 0.5) / fine - 0.5) * stepUm);
    }
    return sum;
  });
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / total);
}
