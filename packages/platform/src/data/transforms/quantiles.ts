import { op, Tensor } from "@cell-observatory/engine";
import { floatsOf } from "./floats-of.ts";
import { valuesAtRanks } from "./values-at-ranks.ts";

/**
 * Quantiles over V of the voxels whose `valid` is 1, linear between the two nearest ranks as
 * `numpy.quantile`: [B 1 C] for each of `parts`. A row without voxels has zeros.
 *
 * @param voxels - [B V C]
 * @param valid - [B V C] uint8; null: all.
 */
export function countQuantiles(
  voxels: Tensor,
  valid: Tensor | null,
  parts: readonly number[],
): readonly Tensor[] {
  const { B, C, V } = voxels.sizes("B V C");
  const floats = valid === null && C === 1 ? floatsOf(voxels) : null;
  const found = Array.from({ length: B * C }, (_, i) => {
    const [b, c] = [Math.floor(i / C), i % C];
    if (floats !== null) return inMemory(floats.subarray(b * V, (b + 1) * V), parts);
    const row = voxels.select(0, b).select(1, c);
    const measured =
      valid === null ? row : op("aten::masked_select")(row, valid.select(0, b).select(1, c).ne(0));
    return ofTensor(measured.contiguous(), parts);
  });
  return parts.map((_, p) =>
    Tensor.from(
      Float32Array.from(found, (quantiles) => quantiles[p] ?? 0),
      { shape: [B, 1, C], device: voxels.device },
    ).to({ dtype: voxels.dtype }),
  );
}

function ofTensor(values: Tensor, parts: readonly number[]): readonly number[] {
  if (values.numel === 0) return parts.map(() => 0);
  const floats = floatsOf(values);
  if (floats !== null) return inMemory(floats, parts);
  const { values: sorted } = values.sort(0);
  return interpolated(parts, values.numel, (ranks) =>
    ranks.map((rank) => Number(sorted.select(0, rank).item())),
  );
}

const inMemory = (floats: Float32Array, parts: readonly number[]) =>
  interpolated(parts, floats.length, (ranks) => valuesAtRanks(floats, ranks));

function interpolated(
  parts: readonly number[],
  count: number,
  at: (ranks: readonly number[]) => readonly number[],
): readonly number[] {
  const places = parts.map((part) => part * (count - 1));
  const ranks = places.flatMap((place) => [Math.floor(place), Math.ceil(place)]);
  const values = at(ranks);
  return places.map((place, p) => {
    const [low = 0, high = 0] = [values[2 * p], values[2 * p + 1]];
    return low + (high - low) * (place - Math.floor(place));
  });
}
