import type { Tensor } from "@cell-observatory/engine";
import { mapRows } from "./rows.ts";
import { sizesOf, type Transform, type Views } from "./views.ts";

/**
 * Writes the last measured frame of each row into the frames that are padding. The loader does so
 * too; transforms have normalised and darkened what is not valid to 0 since, or played frames
 * backwards.
 */
export function repeatLastFrames(name: string): Transform {
  return { name, apply: repeated };
}

function repeated(views: Views): Views {
  const { T } = sizesOf(views);
  const { clean, validSizes } = views;
  if (validSizes.every(([t]) => t === T)) return views;
  const repeat = (x: Tensor) =>
    mapRows(x, x.shape.slice(1), (from, into, b) => {
      const [t] = validSizes[b] ?? [T];
      into.copy_(from);
      if (t > 0 && t < T) into.narrow(0, t, T - t).copy_(from.narrow(0, t - 1, 1));
    });
  const image = repeat(views.image);
  return { ...views, image, clean: clean === views.image ? image : clean && repeat(clean) };
}
