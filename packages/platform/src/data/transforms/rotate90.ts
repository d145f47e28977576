import { op } from "@cell-observatory/engine";
import type { Origin } from "../sample.ts";
import { type Move, moveObjects, stay } from "./move-objects.ts";
import { mapRows, moveAll, validPart } from "./rows.ts";
import type { Transform, Views } from "./views.ts";

/** A plane that is turned, the axis that turns into the other first. */
export type Plane = "ZY" | "ZX" | "YX";
const axesOf: Readonly<Record<Plane, readonly [number, number]>> = {
  ZY: [1, 2],
  ZX: [1, 3],
  YX: [2, 3],
};

/**
 * Turns each sample in each of the planes by a multiple of 90 degrees, each equally likely; in a
 * plane whose sides differ, by 0 or 180.
 */
export function randomRotate90(
  name: string,
  { planes }: { readonly planes: readonly Plane[] },
): Transform {
  return {
    name,
    apply: (views, { rows }) =>
      planes.reduce((before, plane) => {
        const { image } = before;
        const quarters = rows.map((stream, b) => {
          const valid = before.validSizes[b] ?? [0, 0, 0, 0];
          const drawn = stream.integer(0, 4); // always one word, whatever the sides
          return isSquare(plane, valid, image.shape.slice(1)) ? drawn : 2 * (drawn % 2);
        });
        return rotate90(before, plane, quarters);
      }, views),
  };
}

/** Both sides are as long in the sample, and in its padding. */
function isSquare(plane: Plane, valid: Origin, sizes: readonly number[]): boolean {
  const [a, b] = axesOf[plane];
  return valid[a] === valid[b] && sizes[a] === sizes[b];
}

/**
 * Turns each row by its number of quarter turns, as `numpy.rot90`: from the plane's first axis to its
 * second. Padding stays at the far ends.
 */
export function rotate90(views: Views, plane: Plane, quarters: readonly number[]): Views {
  if (quarters.every((k) => k % 4 === 0)) return views;
  const [a, b] = axesOf[plane];
  const moved = moveAll(views, (x) => {
    const [, ...rowShape] = x.shape;
    return mapRows(x, rowShape, (from, into, row) => {
      const valid = views.validSizes[row] ?? [0, 0, 0, 0];
      const k = (quarters[row] ?? 0) % 4;
      if (k === 0 || !valid.every((size, axis) => size === rowShape[axis])) into.copy_(from);
      if (k === 0) return;
      const [source, target] = [validPart(from, valid), validPart(into, valid)];
      const flipped = k === 1 ? [a] : [b];
      if (k === 2) op("aten::flip.out")(source, [a, b], target);
      else op("aten::flip.out")(source.transpose(a, b), flipped, target);
    });
  });
  const objects = views.objects?.map((objects, row) =>
    moveObjects(objects, turnOf(plane, quarters[row] ?? 0, views.validSizes[row] ?? [0, 0, 0, 0])),
  );
  return { ...views, ...moved, objects: objects ?? null };
}

function turnOf(plane: Plane, quarters: number, [, z, y, x]: Origin): Move {
  const [first, second] = axesOf[plane].map((axis) => axis - 1) as [number, number];
  const size = [z, y, x] as const;
  const k = quarters % 4;
  const axes = [stay(0), stay(1), stay(2)] as [Move["axes"][0], Move["axes"][0], Move["axes"][0]];
  const mirrored = (from: number) => ({ from, scale: -1, shift: size[from] ?? 0 });
  if (k === 1) [axes[first], axes[second]] = [mirrored(second), stay(first)];
  if (k === 2) [axes[first], axes[second]] = [mirrored(first), mirrored(second)];
  if (k === 3) [axes[first], axes[second]] = [stay(second), mirrored(first)];
  return { axes, size };
}
