import type { Batch, BoxFormat, SampleTargets } from "../batch.ts";
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
 * crop: what a database says of boxes is not trusted. In a row that only fills the batch all labels
 * are ignored, and there is nothing to find.
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
    const targets = batch.rowIsValid.map((isValid, row) => {
      const map = labels.subarray(row * size, (row + 1) * size);
      const read = loaded.rows[row];
      if (isValid && read) {
        const { classOf, validSize } = read;
        return findTargets(map, [T, Z, Y, X], { ...this.#config, validSize, classOf });
      }
      map.fill(-1);
      return nothing(this.#config);
    });
    return { ...batch, labelMap: labels.subarray(0, B * size), targets };
  }
}

function nothing(config: FinetuneCollatorConfig): SampleTargets {
  return {
    ids: new Int32Array(0),
    labels: new Int32Array(0),
    boxes: new Float32Array(0),
    isPresent: new Uint8Array(0),
    ...config,
  };
}
