import type { Batch, BatchReport } from "../batch.ts";
import type { ReadReport } from "./batch-report.ts";
import type { DeviceBuffer, Staged } from "./device-buffer.ts";
import type { LoadedSlot } from "./loader-actor.ts";
import type { ReadAhead } from "./read-ahead.ts";

/** A batch that has been put together, and nobody has waited for yet. */
export interface CollatedBatch extends Omit<Batch, "report" | "onDevice"> {
  readonly report: ReadReport;
}

export interface HandOverConfig {
  readonly reads: Pick<ReadAhead<LoadedSlot>, "fill" | "take" | "first" | "untilRead">;
  collate(loaded: LoadedSlot): CollatedBatch;
  /** Frees a batch's memory on the host. */
  freeSlot(loaded: LoadedSlot): void;
  /** Where batches are copied to; null: they stay where they are. */
  readonly buffer: DeviceBuffer | null;
}

/** A batch for who asks for it, until it is released. */
export interface HeldBatch {
  batch(waitMs: number): Batch;
  release(): void;
}

/**
 * Hands out batches in their order. Where they are copied to a device, the copies of those that come
 * next begin as soon as they are read and there is room: while the step is at work.
 */
export class HandOver {
  readonly #config: HandOverConfig;
  readonly #onTheirWay: HeldBatch[] = [];
  #failure: { readonly error: unknown } | null = null;
  #isLeft = false;

  constructor(config: HandOverConfig) {
    this.#config = config;
  }

  /** Begins the copies that there is room for. What goes wrong is thrown in its turn, by `next`. */
  stageAhead(): void {
    const { buffer, reads } = this.#config;
    try {
      while (buffer?.hasRoom && this.#failure === null && !this.#isLeft) {
        const loaded = reads.take();
        if (loaded === null) return;
        this.#onTheirWay.push(this.#staged(loaded, buffer));
        reads.fill(); // the place in the queue is free
      }
    } catch (error) {
      this.#failure = { error };
    }
  }

  /** The next batch; null: there is none. `late` says why it is waited for no longer. */
  async next(late: Promise<never>): Promise<HeldBatch | null> {
    const { buffer, reads } = this.#config;
    for (;;) {
      this.stageAhead();
      const held = this.#onTheirWay.shift();
      if (held) return held;
      if (this.#failure) throw this.#failure.error;
      if (reads.first === null) return null;
      const loaded = buffer === null ? reads.take() : null;
      if (loaded) return this.#inPlace(loaded);
      await reads.untilRead(late);
    }
  }

  /** Gives up what is on its way. */
  async leave(): Promise<void> {
    this.#isLeft = true;
    for (const held of this.#onTheirWay.splice(0)) held.release();
    await this.#config.buffer?.idle();
  }

  /** A batch that is where it was read to. */
  #inPlace(loaded: LoadedSlot): HeldBatch {
    const { report, ...batch } = this.#collated(loaded);
    return {
      batch: (waitMs) => ({ ...batch, report: { ...report, copyMs: 0, waitMs } }),
      release: () => this.#config.freeSlot(loaded),
    };
  }

  #staged(loaded: LoadedSlot, buffer: DeviceBuffer): HeldBatch {
    const collated = this.#collated(loaded);
    const began = performance.now();
    const staged = buffer.stage(collated, () => this.#config.freeSlot(loaded));
    const copyMs = performance.now() - began;
    return {
      batch: (waitMs) => onDevice(collated, staged, { ...collated.report, copyMs, waitMs }),
      release: () => staged.release(),
    };
  }

  #collated(loaded: LoadedSlot): CollatedBatch {
    try {
      return this.#config.collate(loaded);
    } catch (error) {
      this.#config.freeSlot(loaded);
      throw error;
    }
  }
}

/** A batch whose slot on the host is, or soon will be, another's. */
function onDevice(collated: CollatedBatch, staged: Staged, report: BatchReport): Batch {
  const { voxels: _, labelMap: __, ...batch } = collated;
  const gone = (): never => {
    throw new RangeError("this batch was copied to a device: read batch.onDevice");
  };
  return {
    ...batch,
    onDevice: staged.take(),
    report,
    get voxels() {
      return gone();
    },
    get labelMap() {
      return gone();
    },
  };
}
