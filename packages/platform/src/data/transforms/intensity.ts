import { op, Tensor } from "@cell-observatory/engine";
import { sizesOf, type Transform, type Views } from "./views.ts";

type Range = readonly [low: number, high: number];

/**
 * Multiplies each sample and channel by a factor, and adds an offset, each drawn from its range. The
 * clean image is changed alike; padding stays 0.
 */
export function scaleIntensity(
  name: string,
  { factor, offset }: { readonly factor: Range; readonly offset: Range },
): Transform {
  return {
    name,
    apply(views, { rows }) {
      const { C } = sizesOf(views);
      const drawn = rows.map((stream) =>
        Array.from(
          { length: C },
          () => [stream.uniform(...factor), stream.uniform(...offset)] as const,
        ),
      );
      return scaleBy(
        views,
        drawn.map((row) => row.map(([f]) => f)),
        drawn.map((row) => row.map(([, o]) => o)),
      );
    },
  };
}

/** @param factors, offsets - [B C] */
export function scaleBy(
  views: Views,
  factors: readonly (readonly number[])[],
  offsets: readonly (readonly number[])[],
): Views {
  const { B, C } = sizesOf(views);
  const { image, clean, valid } = views;
  const spread = (numbers: readonly (readonly number[])[]) =>
    Tensor.from(Float32Array.from(numbers.flat()), {
      shape: [B, 1, 1, 1, 1, C],
      device: image.device,
    }).to({ dtype: image.dtype });
  const [factor, offset] = [spread(factors), spread(offsets)];
  const changed = (x: Tensor) => {
    const out = op("aten::addcmul")(offset, x, factor);
    return valid === null ? out : op("aten::mul_.Tensor")(out, valid);
  };
  const done = changed(image);
  return { ...views, image: done, clean: clean === image ? done : clean && changed(clean) };
}
