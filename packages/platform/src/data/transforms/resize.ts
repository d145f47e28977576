import type { Tensor } from "@cell-observatory/engine";
import type { Origin } from "../sample.ts";
import type { ZYX } from "../structures/boxes.ts";
import type { InterpolateOptions } from "./interpolate.ts";
import { moveObjects } from "./move-objects.ts";
import { resampleKind } from "./resample.ts";
import { isFull, mapRows, moveAll, validPart } from "./rows.ts";
import { sizesOf, type Transform, type Views } from "./views.ts";

export interface ResizeOptions extends InterpolateOptions {
  /** Sizes along Z Y X, or the smallest and the largest. */
  readonly target: ZYX | readonly [smallest: ZYX, largest: ZYX];
  /** True: padding is cut away first, so that what was measured fills the result. */
  readonly cropToValid: boolean;
}

/** To other sizes: fixed, or drawn for each batch, every whole size of the range equally likely. */
export function resize(name: string, options: ResizeOptions): Transform {
  const [smallest, largest] = rangeOf(options.target);
  return {
    name,
    apply(views, { batch }) {
      const size = smallest.map((low, a) => batch.integer(low, (largest[a] ?? low) + 1));
      const [z = 1, y = 1, x = 1] = size;
      return resizeTo(views, [z, y, x], options);
    },
  };
}

function rangeOf(target: ResizeOptions["target"]): readonly [ZYX, ZYX] {
  const [first, second, third] = target;
  if (typeof first === "number") {
    const fixed = [first, second as number, third as number] as const;
    return [fixed, fixed];
  }
  return [first, second as ZYX];
}

/** Images by `mode`, labels by the nearest voxel, `valid` by the first, boxes by their axes' factors. */
export function resizeTo(
  views: Views,
  size: ZYX,
  { cropToValid, ...options }: Omit<ResizeOptions, "target">,
): Views {
  const { T, Z, Y, X } = sizesOf(views);
  const whole = [T, Z, Y, X] as const;
  const isCut = cropToValid && !views.validSizes.every((valid) => isFull(valid, whole));
  // Frames that are padding are resized as others are: only space is cut.
  const parts = views.validSizes.map(([, z, y, x]): Origin => (isCut ? [T, z, y, x] : whole));
  const moved = moveAll(views, (x, kind) => {
    if (!isCut) return resampleKind(kind, x, { ...options, valid: views.valid, size });
    const [, , , , , ...channels] = x.shape;
    return mapRows(x, [T, ...size, ...channels], (from, into, b) => {
      const part = (row: Tensor) => validPart(row, parts[b] ?? whole).unsqueeze(0);
      const valid = views.valid && part(views.valid.select(0, b));
      into.copy_(resampleKind(kind, part(from), { ...options, valid, size }).select(0, 0));
    });
  });
  const objects = views.objects?.map((row, b) => {
    const [, ...from] = parts[b] ?? whole;
    const along = (a: 0 | 1 | 2) => ({ from: a, scale: size[a] / from[a], shift: 0 });
    return moveObjects(row, { axes: [along(0), along(1), along(2)], size });
  });
  const validSizes = views.validSizes.map(([t, ...valid], b): Origin => {
    const [, ...from] = parts[b] ?? whole;
    const [z = 1, y = 1, x = 1] = valid.map((n, a) =>
      isCut ? size[a] : Math.ceil((n * (size[a] ?? 1)) / (from[a] ?? 1)),
    );
    return [t, z, y, x];
  });
  return { ...views, ...moved, validSizes, objects: objects ?? null };
}
