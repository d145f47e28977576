import type { Batch } from "./batch.ts";
import { fillBoxes, paddingBoxes } from "./source/padding.ts";

type Validity = Pick<
  Batch,
  "shape" | "rowIsValid" | "validSizes" | "validChannels" | "unread" | "samples"
>;

/** Whether every voxel of a batch was measured, and every row counts. */
export function allValid({ shape, rowIsValid, validSizes, validChannels, unread }: Validity) {
  const [, ...sizes] = shape;
  return (
    rowIsValid.every((isValid) => isValid) &&
    validSizes.every((size) => size.every((edge, axis) => edge === sizes[axis])) &&
    validChannels.every((count) => count === sizes[4]) &&
    unread.every((boxes) => boxes.length === 0)
  );
}

/**
 * 1 for each voxel that was measured, 0 for padding, for what could not be read, and for rows that
 * only fill the batch: [B T Z Y X C]; null when all were measured, which is nearly always.
 */
export function validMask(batch: Validity): Uint8Array<ArrayBuffer> | null {
  if (allValid(batch)) return null;
  const { shape, rowIsValid, validSizes, validChannels, unread } = batch;
  const [B, T, Z, Y, X, C] = shape;
  const sample = [T, Z, Y, X, C] as const;
  const size = T * Z * Y * X * C;
  const mask = new Uint8Array(B * size);
  for (let row = 0; row < B; row++) {
    if (rowIsValid[row] === false) continue;
    const part = mask.subarray(row * size, (row + 1) * size).fill(1);
    const padding = paddingBoxes(sample, validSizes[row] ?? sample);
    fillBoxes(part, sample, [...padding, ...(unread[row] ?? [])], 0);
    const numChannels = validChannels[row] ?? C;
    for (let at = 0; numChannels < C && at < size; at += C) part.fill(0, at + numChannels, at + C);
  }
  return mask;
}
