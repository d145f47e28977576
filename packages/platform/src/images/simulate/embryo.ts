import type { ZYX } from "./cell.ts";
import type { MovieConfig } from "./movie-config.ts";

/** An ellipsoid with its axes along z, y and x. */
export interface Ellipsoid {
  readonly centreUm: ZYX;
  readonly radiiUm: ZYX;
}

/**
 * The tissue: an ellipsoid that a little more than fills the field of view, with a hollow in it.
 * Cells live between the two surfaces.
 */
export interface Embryo {
  readonly body: Ellipsoid;
  readonly cavity: Ellipsoid;
}

export function createEmbryo({ shape, voxel_size_um }: MovieConfig): Embryo {
  const [, depth, height, width] = shape;
  const sizes = [depth, height, width];
  const extent = voxel_size_um.map((edge, axis) => edge * (sizes[axis] ?? 1));
  const [z = 0, y = 0, x = 0] = extent;
  return {
    body: { centreUm: [0.52 * z, 0.5 * y, 0.5 * x], radiiUm: [0.6 * z, 0.55 * y, 0.56 * x] },
    cavity: { centreUm: [0.62 * z, 0.54 * y, 0.57 * x], radiiUm: [0.22 * z, 0.2 * y, 0.24 * x] },
  };
}

/** Distance from the centre, in radii: below 1 inside, 1 on the surface. */
export function depthIn({ centreUm, radiiUm }: Ellipsoid, [z, y, x]: ZYX): number {
  const dz = (z - centreUm[0]) / radiiUm[0];
  const dy = (y - centreUm[1]) / radiiUm[1];
  const dx = (x - centreUm[2]) / radiiUm[2];
  return Math.sqrt(dz * dz + dy * dy + dx * dx);
}

/**
 * How the tissue streams at a place, in micrometres a frame: two rolls that turn against each
 * other, as in gastrulation, and slow to nothing at the surface.
 */
export function flowAt({ body }: Embryo, place: ZYX, speedUm: number): ZYX {
  const { centreUm, radiiUm } = body;
  const v = (place[1] - centreUm[1]) / radiiUm[1];
  const u = (place[2] - centreUm[2]) / radiiUm[2];
  const fade = speedUm * Math.max(0, 1 - depthIn(body, place) ** 4);
  const roll = Math.sin(Math.PI * v);
  return [0.25 * fade * Math.cos(Math.PI * u), fade * Math.cos(Math.PI * u) * 0.6, -fade * roll];
}
