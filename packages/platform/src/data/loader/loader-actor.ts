import { CellError } from "../../errors/index.ts";
import type { SkippedSample } from "../batch.ts";
import { DataError } from "../errors.ts";
import { type Sample, sampleId } from "../sample.ts";
import type { SampleSource } from "../source/hypercube-source.ts";
import type { Slot } from "./host-memory-buffer.ts";
import type { Sampler } from "./sampler.ts";

/** What to do with a sample that cannot be read: stop, or take another one and say so. */
export type ReadFailurePolicy = "raise" | "skip";

/** The samples of one batch, by their places in the epoch. */
export interface BatchPlan {
  readonly epoch: number;
  readonly number: number;
  readonly places: readonly number[];
}

/** A slot with the voxels of a batch in it. */
export interface LoadedSlot {
  readonly plan: BatchPlan;
  readonly slot: Slot;
  readonly samples: readonly Sample[];
  readonly chunks: number;
  readonly missingChunks: number;
  readonly retries: number;
  readonly skipped: readonly SkippedSample[];
  readonly readMs: number;
}

/** Samples that are tried for one place before the data set is given up. */
const mostAttempts = 8;

/** Fills slots with the voxels of a batch; its samples are read side by side, on native threads. */
export class LoaderActor {
  readonly #source: SampleSource;
  readonly #sampler: Sampler;
  readonly #policy: ReadFailurePolicy;

  constructor(source: SampleSource, sampler: Sampler, policy: ReadFailurePolicy) {
    this.#source = source;
    this.#sampler = sampler;
    this.#policy = policy;
  }

  /** Settles only when no thread writes to the slot any more, also when a read failed. */
  async load(plan: BatchPlan, slot: Slot, signal: AbortSignal): Promise<LoadedSlot> {
    const began = performance.now();
    const voxels = this.#source.shape.reduce((product, size) => product * size, 1);
    const reads = await Promise.allSettled(
      plan.places.map((place, row) => {
        const target = slot.voxels.subarray(row * voxels, (row + 1) * voxels);
        return this.#readPlace(plan.epoch, place, target, signal);
      }),
    );
    const done = reads.map((read) => {
      if (read.status === "rejected") throw read.reason;
      return read.value;
    });
    return {
      plan,
      slot,
      samples: done.map(({ sample }) => sample),
      chunks: done.reduce((sum, { chunks }) => sum + chunks, 0),
      missingChunks: done.reduce((sum, { missingChunks }) => sum + missingChunks, 0),
      retries: done.reduce((sum, { retries }) => sum + retries, 0),
      skipped: done.flatMap(({ skipped }) => skipped),
      readMs: performance.now() - began,
    };
  }

  async #readPlace(
    epoch: number,
    place: number,
    target: Slot["voxels"],
    signal: AbortSignal,
  ): Promise<ReadPlace> {
    const skipped: SkippedSample[] = [];
    let sample = this.#sampler.sampleAt(epoch, place);
    for (;;) {
      try {
        const report = await this.#source.read(sample, target, { signal });
        return { sample, skipped, ...report };
      } catch (error) {
        if (this.#policy === "raise" || !isUnreadable(error)) throw error;
        skipped.push({ sampleId: sampleId(sample), reason: error.message });
        if (skipped.length === mostAttempts) {
          const message = `place ${place} of epoch ${epoch}: ${mostAttempts} samples in a row cannot be read; the last: ${error.message}`;
          throw new DataError("DATA_SKIPPED", message, { cause: error });
        }
        sample = this.#sampler.replacementAt(epoch, place, skipped.length);
      }
    }
  }
}

interface ReadPlace {
  readonly sample: Sample;
  readonly skipped: readonly SkippedSample[];
  readonly chunks: number;
  readonly missingChunks: number;
  readonly retries: number;
}

/** Voxels that are not there are skipped; a wrong catalogue or a wrong config is not. */
function isUnreadable(error: unknown): error is CellError {
  return error instanceof CellError && error.code === "DATA_CHUNK";
}
