import type { Batch, BoxFormat } from "../batch.ts";
import type { Collator } from "./collator-actor.ts";
import type { LoadedSlot } from "./loader-actor.ts";
import { findTargets } from "./targets.ts";

export interface FinetuneCollatorConfig {
  readonly boxFormat: BoxFormat;
  /** True: boxes are parts of a sample's valid sizes. */
  readonly isNormalized: boolean;
}

/**
 * A batch with what is to be found in it: the label map of each row, and its instances with their
 * classes and their boxes in each frame. Boxes are those of the labels that were read, after the
 * crop: what a database says of boxes is not trusted.
 */
export class FinetuneCollatorActor implements Collator {
  readonly #images: Collator;
  readonly #config: FinetuneCollatorConfig;

  constructor(images: Collator, config: FinetuneCollatorConfig) {
    this.#images = images;
    this.#config = config;
  }

  collate(loaded: LoadedSlot): Omit<Batch, "report"> {
    const batch = this.#images.collate(loaded);
    const { labels } = loaded.slot;
    if (labels === null) throw new RangeError("the slots of this loader have no labels");
    const [B, T, Z, Y, X] = batch.shape;
    const size = T * Z * Y * X;
    const { rows } = loaded;
    const found = rows.map(({ classOf, validSize }, row) => {
      const map = labels.subarray(row * size, (row + 1) * size);
      return findTargets(map, [T, Z, Y, X], { ...this.#config, validSize, classOf });
    });
    for (let row = rows.length; row < B; row++) labels.copyWithin(row * size, 0, size);
    return {
      ...batch,
      labelMap: labels.subarray(0, B * size),
      targets: batch.samples.map((_, row) => found[row] ?? found[0]).filter((t) => t !== undefined),
    };
  }
}
