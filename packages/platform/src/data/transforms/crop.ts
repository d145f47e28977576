import type { Tensor } from "@cell-observatory/engine";
import type { RandomStream } from "../../rng/index.ts";
import type { Origin } from "../sample.ts";
import type { ZYX } from "../structures/boxes.ts";
import type { InterpolateOptions } from "./interpolate.ts";
import { moveObjects } from "./move-objects.ts";
import { resampleKind } from "./resample.ts";
import { resizeTo } from "./resize.ts";
import { mapRows, moveAll } from "./rows.ts";
import { TransformError } from "./transform-error.ts";
import { alongZYX, sizesOf, type Transform, type Views } from "./views.ts";

/** A part of a sample: where it begins along Z Y X, and how large it is. */
export interface Cut {
  readonly start: ZYX;
  readonly size: ZYX;
}

export interface CropOptions extends InterpolateOptions {
  readonly target: ZYX;
  /** Axes that are cropped; along the others the target is the sample's own size. */
  readonly axes: "YX" | "ZYX";
  readonly place: "random" | "center" | "start";
  /** Probability of cutting a larger part out, which is then resized to the target. */
  readonly resizeProbability: number;
  /** Sides of that part over the sample's, drawn once for all axes; never below the target's. */
  readonly resizeScale: readonly [number, number];
}

/**
 * A part of each sample, drawn for each on its own. `crop` cuts out just the target's voxels;
 * `crop_resize` cuts out a part of a drawn size, and resizes it to the target. A batch whose samples
 * are smaller than the target is resized to it first.
 *
 * Random parts lie within what is not padding, where that is large enough.
 */
export function crop(name: string, options: CropOptions): Transform {
  const { target, axes } = options;
  return {
    name,
    apply(views, { rows }) {
      const { Z, Y, X } = sizesOf(views);
      if (axes === "YX" && Z !== target[0]) {
        const wanted = `${target[0]} planes wanted, and there are ${Z}`;
        throw new TransformError(
          `a crop along Y and X leaves Z as it is: ${wanted}`,
          "Crop along Z too (crop_dims: ZYX), or make the target as deep as the sample.",
        );
      }
      const room: ZYX = [Math.max(Z, target[0]), Math.max(Y, target[1]), Math.max(X, target[2])];
      const isSmall = room[0] > Z || room[1] > Y || room[2] > X;
      const large = isSmall ? resizeTo(views, room, { ...options, cropToValid: false }) : views;
      const cuts = rows.map((stream, b) =>
        drawCut(stream, options, room, large.validSizes[b] ?? [1, ...room]),
      );
      return cutOut(large, cuts, options);
    },
  };
}

function drawCut(stream: RandomStream, options: CropOptions, room: ZYX, valid: Origin): Cut {
  const { target, axes, place, resizeProbability, resizeScale } = options;
  // Both are always drawn, so that one option does not change what the other gives.
  const isResized = stream.uniform() < resizeProbability;
  const scale = stream.uniform(...resizeScale);
  const sizeAlong = (a: 0 | 1 | 2) => {
    const isCropped = a > 0 || axes === "ZYX";
    return isResized && isCropped ? Math.max(target[a], Math.round(scale * room[a])) : target[a];
  };
  const size = alongZYX(sizeAlong);
  const start = alongZYX((a) => {
    const spare = Math.max(0, (valid[a + 1] ?? 0) - size[a]);
    const drawn = stream.integer(0, spare + 1);
    return place === "random" ? drawn : place === "center" ? Math.floor(spare / 2) : 0;
  });
  return { start, size };
}

/** Cuts a part out of each row, and resizes those that are larger than the target. */
export function cutOut(
  views: Views,
  cuts: readonly Cut[],
  { target, ...how }: InterpolateOptions & { readonly target: ZYX },
): Views {
  const { T } = sizesOf(views);
  const moved = moveAll(views, (x, kind) => {
    const [, , , , , ...channels] = x.shape;
    return mapRows(x, [T, ...target, ...channels], (from, into, b) => {
      const { start, size } = cuts[b] ?? { start: [0, 0, 0], size: target };
      const part = (row: Tensor) =>
        size.reduce((rest, side, a) => rest.narrow(a + 1, start[a] ?? 0, side), row).unsqueeze(0);
      const isCopy = size.every((side, a) => side === target[a]);
      const valid = views.valid && part(views.valid.select(0, b));
      const cut = part(from);
      into.copy_(
        (isCopy ? cut : resampleKind(kind, cut, { ...how, valid, size: target })).select(0, 0),
      );
    });
  });
  const whole = (b: number) => cuts[b] ?? { start: [0, 0, 0] as const, size: target };
  const objects = views.objects?.map((row, b) => {
    const { start, size } = whole(b);
    const along = (a: 0 | 1 | 2) => {
      const scale = target[a] / size[a];
      return { from: a, scale, shift: -start[a] * scale };
    };
    return moveObjects(row, { axes: [along(0), along(1), along(2)], size: target });
  });
  const validSizes = views.validSizes.map(([t, ...valid], b): Origin => {
    const { start, size } = whole(b);
    const [z = 0, y = 0, x = 0] = valid.map((n, a) => {
      const left = Math.min(Math.max(n - (start[a] ?? 0), 0), size[a] ?? 0);
      return Math.ceil((left * (target[a] ?? 0)) / (size[a] ?? 1));
    });
    return [t, z, y, x];
  });
  return { ...views, ...moved, validSizes, objects: objects ?? null };
}
