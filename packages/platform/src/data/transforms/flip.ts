import { op } from "@cell-observatory/engine";
import { moveObjects, stay } from "./move-objects.ts";
import { mapRows, moveAll, validPart } from "./rows.ts";
import type { Transform, Views } from "./views.ts";

export type FlipAxis = "T" | "Z" | "Y" | "X";
const axisOf: Readonly<Record<FlipAxis, number>> = { T: 0, Z: 1, Y: 2, X: 3 };

/** Mirrors each sample along each of `axes`, each with the probability given. */
export function randomFlip(
  name: string,
  {
    axes,
    probability = 0.5,
  }: { readonly axes: readonly FlipAxis[]; readonly probability?: number },
): Transform {
  return {
    name,
    apply(views, { rows }) {
      // A fair coin is one word: what experiments have drawn so far.
      const isHeads = (stream: (typeof rows)[number]) =>
        probability === 0.5 ? stream.integer(0, 2) === 1 : stream.uniform() < probability;
      const flipped = rows.map((stream) => axes.filter(() => isHeads(stream)));
      return flip(views, flipped);
    },
  };
}

/**
 * Mirrors each row along the axes that are listed for it. Padding stays where it is: the part that is
 * not padding is mirrored in itself.
 */
export function flip(views: Views, axesOfRows: readonly (readonly FlipAxis[])[]): Views {
  if (axesOfRows.every((axes) => axes.length === 0)) return views;
  const moved = moveAll(views, (x) => {
    const [, ...rowShape] = x.shape;
    return mapRows(x, rowShape, (from, into, b) => {
      const axes = (axesOfRows[b] ?? []).map((axis) => axisOf[axis]);
      const valid = views.validSizes[b] ?? [0, 0, 0, 0];
      const isWhole = valid.every((size, a) => size === rowShape[a]);
      if (!isWhole || axes.length === 0) into.copy_(from);
      if (axes.length > 0) {
        op("aten::flip.out")(validPart(from, valid), axes, validPart(into, valid));
      }
    });
  });
  return { ...views, ...moved, objects: flippedObjects(views, axesOfRows) };
}

function flippedObjects(
  { objects, validSizes }: Views,
  axesOfRows: readonly (readonly FlipAxis[])[],
): Views["objects"] {
  if (objects === null) return null;
  return objects.map((row, b) => {
    const axes = axesOfRows[b] ?? [];
    const [t, z, y, x] = validSizes[b] ?? [0, 0, 0, 0];
    const along = (name: FlipAxis, from: number, size: number) =>
      axes.includes(name) ? { from, scale: -1, shift: size } : stay(from);
    return moveObjects(row, {
      axes: [along("Z", 0, z), along("Y", 1, y), along("X", 2, x)],
      size: [z, y, x],
      framesReversed: axes.includes("T") ? t : 0,
    });
  });
}
