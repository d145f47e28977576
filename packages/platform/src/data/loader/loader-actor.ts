import { CellError } from "../../errors/index.ts";
import { DataError } from "../../images/index.ts";
import type { SkippedSample } from "../batch.ts";
import { type Sample, sampleId } from "../sample.ts";
import type { SampleSource } from "../source/hypercube-source.ts";
import type { SourceReport } from "../source/source-config.ts";
import type { VoxelArray } from "../voxels.ts";
import type { BatchPlan } from "./batch-plan.ts";
import type { Slot } from "./host-memory-buffer.ts";
import type { Sampler } from "./sampler.ts";

/**
 * What to do with voxels that cannot be read: stop; take another sample and say so; or go on with
 * what can be read of the sample, if anything, and the rest not valid.
 */
export type ReadFailurePolicy = "raise" | "skip" | "mask";

/** A row as it was read: what came of the place, after samples that could not be read. */
export interface LoadedRow extends SourceReport {
  readonly sample: Sample;
  readonly skipped: readonly SkippedSample[];
  /** Whether the sample counts; otherwise it only fills the row. */
  readonly counts: boolean;
}

/** A slot with the voxels of a batch in it; rows that only fill it are not there yet. */
export interface LoadedSlot {
  readonly plan: BatchPlan;
  readonly slot: Slot;
  readonly rows: readonly LoadedRow[];
  readonly readMs: number;
}

/** What the source gave for each row, when its sample was announced. */
export type Expected = readonly (number | undefined)[];

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
  async load(
    plan: BatchPlan,
    slot: Slot,
    { expected, signal }: { readonly expected: Expected; readonly signal: AbortSignal },
  ): Promise<LoadedSlot> {
    const began = performance.now();
    const numRead = Math.max(1, plan.numValid); // a batch of filling alone repeats a row all the same
    const reads = await Promise.allSettled(
      plan.places.slice(0, numRead).map((place, row) => {
        const memory = this.#rowOf(slot, row);
        return this.#readPlace({ ...plan, place }, memory, { place: expected[row], signal });
      }),
    );
    const rows = reads.map((read) => {
      if (read.status === "rejected") throw read.reason;
      return read.value;
    });
    return { plan, slot, rows, readMs: performance.now() - began };
  }

  #rowOf({ voxels, labels }: Slot, row: number): RowMemory {
    const [T, Z, Y, X, C] = this.#source.shape;
    const size = T * Z * Y * X;
    return {
      voxels: voxels.subarray(row * size * C, (row + 1) * size * C) as VoxelArray,
      labels: labels?.subarray(row * size, (row + 1) * size),
    };
  }

  async #readPlace(
    { epoch, place }: { readonly epoch: number; readonly place: number },
    memory: RowMemory,
    how: { readonly place: number | undefined; readonly signal: AbortSignal },
  ): Promise<LoadedRow> {
    const skipped: SkippedSample[] = [];
    let sample = this.#sampler.sampleAt(epoch, place);
    for (;;) {
      try {
        const { voxels, labels } = memory;
        const report = await this.#source.read(sample, voxels, { labels, ...how });
        const counts = skipped.length === 0 || this.#sampler.replacementsCount;
        return { sample, skipped, counts, ...report };
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

interface RowMemory {
  readonly voxels: VoxelArray;
  readonly labels: Int32Array | undefined;
}

/** Voxels that are not there are skipped; a wrong catalogue or a wrong config is not. */
function isUnreadable(error: unknown): error is CellError {
  return error instanceof CellError && error.code === "DATA_CHUNK";
}
