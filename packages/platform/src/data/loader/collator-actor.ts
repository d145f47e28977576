import type { Batch } from "../batch.ts";
import { sampleId } from "../sample.ts";
import type { VoxelDtype } from "../voxels.ts";
import type { LoadedSlot } from "./loader-actor.ts";

type SampleShape = readonly [t: number, z: number, y: number, x: number, c: number];

/** Makes a batch of a loaded slot. */
export interface Collator {
  collate(loaded: LoadedSlot): Omit<Batch, "report">;
}

/** The voxels where they are, and what is known of each row. */
export class CollatorActor implements Collator {
  readonly #shape: SampleShape;
  readonly #dtype: VoxelDtype;

  /** @param shape - sizes of a sample along T Z Y X C. */
  constructor(shape: SampleShape, dtype: VoxelDtype) {
    this.#shape = shape;
    this.#dtype = dtype;
  }

  collate({ plan, slot, rows }: LoadedSlot): Omit<Batch, "report"> {
    const { places, numValid } = plan;
    const voxels = this.#shape.reduce((product, size) => product * size, 1);
    const filled = places.map((_, row) => rows[row] ?? rows[0]).filter((row) => row !== undefined);
    for (let row = rows.length; row < places.length; row++) {
      slot.voxels.copyWithin(row * voxels, 0, voxels);
    }
    return {
      voxels: slot.voxels.subarray(0, places.length * voxels) as Batch["voxels"],
      dtype: this.#dtype,
      shape: [places.length, ...this.#shape],
      epoch: plan.epoch,
      number: plan.number,
      samples: places,
      sampleIds: filled.map(({ sample }) => sampleId(sample)),
      records: filled.map(({ sample }) => sample.record),
      origins: filled.map(({ sample }) => sample.origin),
      rowIsValid: filled.map(({ counts }, row) => row < numValid && counts),
      validSizes: filled.map(({ validSize }) => validSize),
      validChannels: filled.map(({ validChannels }) => validChannels),
      unread: filled.map(({ unread }) => unread),
      labelMap: null,
      targets: null,
    };
  }
}
