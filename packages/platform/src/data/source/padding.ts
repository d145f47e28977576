import type { VoxelBox } from "../batch.ts";
import type { Origin } from "../sample.ts";
import type { VoxelArray } from "../voxels.ts";

type Shape = readonly [t: number, z: number, y: number, x: number, c: number];

/**
 * Writes what lies behind the measured part of a sample, [T Z Y X C]: zeros in space and channel,
 * and the last measured frame again in time. Call it when the measured part is there.
 */
export function pad(
  voxels: VoxelArray,
  [T, Z, Y, X, C]: Shape,
  [t, z, y, x]: Origin,
  numChannels: number,
): void {
  const [plane, frame] = [Y * X * C, Z * Y * X * C];
  for (let ti = 0; ti < t; ti++) {
    const start = ti * frame;
    for (let zi = 0; zi < z; zi++) {
      const at = start + zi * plane;
      if (x < X) {
        for (let yi = 0; yi < y; yi++) voxels.fill(0, at + (yi * X + x) * C, at + (yi + 1) * X * C);
      }
      voxels.fill(0, at + y * X * C, at + plane);
    }
    voxels.fill(0, start + z * plane, start + frame);
  }
  if (numChannels < C) zeroChannels(voxels.subarray(0, t * frame), numChannels, C);
  for (let ti = t; ti < T; ti++) voxels.copyWithin(ti * frame, (t - 1) * frame, t * frame);
}

/** Writes a value into boxes of an array [T Z Y X C]. */
export function fillBoxes(
  array: VoxelArray | Int32Array | Uint8Array,
  [, Z, Y, X, C]: Shape,
  boxes: readonly VoxelBox[],
  value: number,
): void {
  for (const { from, to } of boxes) {
    for (let t = from[0]; t < to[0]; t++) {
      for (let z = from[1]; z < to[1]; z++) {
        for (let y = from[2]; y < to[2]; y++) {
          const row = ((t * Z + z) * Y + y) * X;
          array.fill(value, (row + from[3]) * C, (row + to[3]) * C);
        }
      }
    }
  }
}

/** The parts of a sample behind its measured part, as boxes that do not overlap. */
export function paddingBoxes(
  [T, Z, Y, X]: Shape | Origin,
  [t, z, y, x]: Shape | Origin,
): readonly VoxelBox[] {
  const boxes: VoxelBox[] = [
    { from: [t, 0, 0, 0], to: [T, Z, Y, X] },
    { from: [0, z, 0, 0], to: [t, Z, Y, X] },
    { from: [0, 0, y, 0], to: [t, z, Y, X] },
    { from: [0, 0, 0, x], to: [t, z, y, X] },
  ];
  return boxes.filter(({ from, to }) => from.every((edge, axis) => edge < (to[axis] ?? 0)));
}

function zeroChannels(voxels: VoxelArray, from: number, C: number): void {
  for (let voxel = 0; voxel < voxels.length; voxel += C) voxels.fill(0, voxel + from, voxel + C);
}
