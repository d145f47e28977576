import type { BoxFormat } from "../batch.ts";

/** Sizes of a volume, or factors, along its axes. */
export type ZYX = readonly [z: number, y: number, x: number];

/**
 * The same boxes in another format, as a copy.
 *
 * Corners are half-open: the maximum is the last voxel's index + 1. `zyxzyx` and `xyzxyz` are
 * (minimum, maximum); `cxcyczwhd` is (centre, size) along x y z.
 *
 * @param boxes - [... 6]
 */
export function convertBoxes(boxes: Float32Array, from: BoxFormat, to: BoxFormat): Float32Array {
  const out = Float32Array.from(boxes);
  if (from === to) return out;
  for (let at = 0; at < out.length; at += 6) {
    out.set(write(read(boxes.subarray(at, at + 6), from), to), at);
  }
  return out;
}

/**
 * Boxes with every coordinate multiplied by its axis's factor: by 1 / size they become parts of the
 * volume, whatever their format; by size they become voxels again.
 */
export function scaleBoxes(
  boxes: Float32Array,
  format: BoxFormat,
  [z, y, x]: ZYX,
): Float32Array<ArrayBuffer> {
  const factors = format === "zyxzyx" ? [z, y, x] : [x, y, z];
  return Float32Array.from(boxes, (value, i) => value * (factors[i % 3] ?? 1));
}

/** Minimum and maximum along z y x. */
type Corners = readonly [number, number, number, number, number, number];

function read(box: Float32Array, format: BoxFormat): Corners {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = box;
  switch (format) {
    case "zyxzyx":
      return [a, b, c, d, e, f];
    case "xyzxyz":
      return [c, b, a, f, e, d];
    case "cxcyczwhd":
      return [c - f / 2, b - e / 2, a - d / 2, c + f / 2, b + e / 2, a + d / 2];
    default:
      return format satisfies never;
  }
}

function write([z0, y0, x0, z1, y1, x1]: Corners, format: BoxFormat): Corners {
  switch (format) {
    case "zyxzyx":
      return [z0, y0, x0, z1, y1, x1];
    case "xyzxyz":
      return [x0, y0, z0, x1, y1, z1];
    case "cxcyczwhd":
      return [(x0 + x1) / 2, (y0 + y1) / 2, (z0 + z1) / 2, x1 - x0, y1 - y0, z1 - z0];
    default:
      return format satisfies never;
  }
}
