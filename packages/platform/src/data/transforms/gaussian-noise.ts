import { Generator, op } from "@cell-observatory/engine";
import type { RandomStream } from "../../rng/index.ts";
import { mapRows } from "./rows.ts";
import type { Transform } from "./views.ts";

/** One generator, moved to another stream for each row. */
export function seededFrom(generator: Generator, stream: RandomStream): Generator {
  generator.manualSeed(stream.uint32() * 2 ** 20 + (stream.uint32() >>> 12)); // 52 bits
  return generator;
}

/** Adds normal noise of a deviation drawn from a range, in the image's unit; padding stays 0. */
export function gaussianNoise(
  name: string,
  { sigma }: { readonly sigma: readonly [low: number, high: number] },
): Transform {
  return {
    name,
    apply(views, { rows }) {
      const { image, valid } = views;
      const generator = new Generator(0, image.device);
      const noisy = mapRows(image, image.shape.slice(1), (from, into, b) => {
        const stream = rows[b];
        if (stream === undefined) return;
        const deviation = stream.uniform(...sigma);
        into.normal_(0, deviation, seededFrom(generator, stream)).add_(from);
      });
      return { ...views, image: valid === null ? noisy : op("aten::mul_.Tensor")(noisy, valid) };
    },
  };
}
