import type { AxisOf, Tensor } from "@cell-observatory/engine";

/**
 * Names the parts of a split tensor: `namedParts(qkv.unbind(0), "q k v")` is `{ q, k, v }`.
 *
 * @throws RangeError when there are not as many parts as names.
 */
export function namedParts<S extends string>(
  parts: readonly Tensor[],
  names: S,
): Readonly<Record<AxisOf<S>, Tensor>> {
  const list = names.split(" ");
  if (list.length !== parts.length) {
    throw new RangeError(`expected ${list.length} parts (${names}), got ${parts.length}`);
  }
  const entries = list.map((name, i) => [name, parts[i]] as const);
  return Object.fromEntries(entries) as Record<AxisOf<S>, Tensor>;
}
