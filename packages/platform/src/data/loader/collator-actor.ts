import type { Batch } from "../batch.ts";
import { sampleId } from "../sample.ts";
import type { LoadedSlot } from "./loader-actor.ts";

/** Makes a batch of a loaded slot: the voxels where they are, and what is known of each sample. */
export class CollatorActor {
  readonly #shape: readonly [t: number, z: number, y: number, x: number, c: number];

  /** @param shape - sizes of a sample along T Z Y X C. */
  constructor(shape: readonly [t: number, z: number, y: number, x: number, c: number]) {
    this.#shape = shape;
  }

  collate(loaded: LoadedSlot, waitMs: number): Batch {
    const { plan, slot, samples, chunks, missingChunks, retries, skipped, readMs } = loaded;
    const voxels = this.#shape.reduce((product, size) => product * size, samples.length);
    return {
      voxels: slot.voxels.subarray(0, voxels),
      shape: [samples.length, ...this.#shape],
      epoch: plan.epoch,
      number: plan.number,
      samples: plan.places,
      sampleIds: samples.map(sampleId),
      records: samples.map(({ record }) => record),
      origins: samples.map(({ origin }) => origin),
      report: { readMs, waitMs, chunks, missingChunks, retries, skipped },
    };
  }
}
