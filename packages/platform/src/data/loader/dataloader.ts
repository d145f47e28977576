import { setThreads } from "@cell-observatory/zarr";
import type { Batch } from "../batch.ts";
import { DataError } from "../errors.ts";
import type { Sample } from "../sample.ts";
import type { SampleSource } from "../source/hypercube-source.ts";
import { Announcer } from "./announcer.ts";
import { type BatchPlan, type LastBatch, planBatch } from "./batch-plan.ts";
import { type Collator, CollatorActor } from "./collator-actor.ts";
import { FinetuneCollatorActor, type FinetuneCollatorConfig } from "./finetune-collator-actor.ts";
import { HostMemoryBuffer } from "./host-memory-buffer.ts";
import { type LoadedSlot, LoaderActor, type ReadFailurePolicy } from "./loader-actor.ts";
import { LoaderStatistics } from "./loader-statistics.ts";
import type { Sampler } from "./sampler.ts";
import { waitingFor } from "./waiting-for.ts";

export interface DataloaderConfig {
  /** Samples in a batch, on this rank. */
  readonly batchSize: number;
  /** An epoch's incomplete last batch: left out, filled with rows that do not count, or smaller. */
  readonly lastBatch: LastBatch;
  readonly num_slots: number;
  readonly read_ahead: number;
  readonly timeout_s: number;
  /** How long a loop that is left waits for reads that were cancelled, in seconds. */
  readonly leave_s?: number;
  /** Threads that decode chunks, of the whole process; null: one a core. */
  readonly num_threads?: number | null;
  readonly read_failure_policy: ReadFailurePolicy;
  /** Part of the samples that may be skipped, or be there in part only, before it is an error. */
  readonly max_skipped: number;
  /** How boxes are written, when the source has labels. */
  readonly targets?: FinetuneCollatorConfig;
  /** Where is told, when a loop over an epoch ends, how many samples lacked chunks. */
  readonly say?: (line: string) => void;
  /** Called when the first batch was read: now the threads that decode are there. */
  readonly onFirstBatch?: () => Promise<void>;
  readonly rank?: number;
  readonly worldSize?: number;
}

/**
 * Batches of an epoch, read ahead of who asks for them: LoaderActor -> slots of a HostMemoryBuffer
 * -> CollatorActor. A batch is a function of (seed, epoch, number), whatever was asked before.
 *
 * However the loop over an epoch is left, reads that still run are cancelled and waited for, and
 * every slot is free again. Where storage has stalled, a slot comes back when its read ends: the
 * loop is not held up for longer than `leave_s`.
 */
export class Dataloader {
  readonly statistics: LoaderStatistics;
  readonly #config: DataloaderConfig;
  readonly #sampler: Sampler;
  readonly #source: SampleSource;
  readonly #loader: LoaderActor;
  readonly #collator: Collator;
  readonly #slots: HostMemoryBuffer;

  /** @throws {@link DataError} DATA_EMPTY when an epoch would have no batch. */
  constructor(config: DataloaderConfig, source: SampleSource, sampler: Sampler) {
    if (config.num_threads) setThreads(config.num_threads);
    this.#config = config;
    this.#sampler = sampler;
    this.#source = source;
    this.statistics = new LoaderStatistics(config.max_skipped);
    this.#loader = new LoaderActor(source, sampler, config.read_failure_policy);
    const { boxFormat = "zyxzyx", isNormalized = false } = config.targets ?? {};
    const images = new CollatorActor(source.shape, source.dtype);
    this.#collator = source.hasLabels
      ? new FinetuneCollatorActor(images, { boxFormat, isNormalized })
      : images;
    const [T, Z, Y, X, C] = source.shape;
    const slotLabels = config.batchSize * T * Z * Y * X;
    this.#slots = new HostMemoryBuffer({
      numSlots: config.num_slots,
      slotVoxels: slotLabels * C,
      slotLabels: source.hasLabels ? slotLabels : 0,
      dtype: source.dtype,
    });
    if (this.batchesPerEpoch === 0) {
      const asked = `batches of ${this.#globalBatchSize} samples`;
      throw new DataError("DATA_EMPTY", `${sampler.numSamples} samples make no ${asked}`, {
        hint: "Lower clusters.batch_size, raise datasets.samples_per_epoch, or catalogue more.",
      });
    }
  }

  get numSamples(): number {
    return this.#sampler.numSamples;
  }

  get batchesPerEpoch(): number {
    const batches = this.#sampler.numSamples / this.#globalBatchSize;
    return this.#config.lastBatch === "drop" ? Math.floor(batches) : Math.ceil(batches);
  }

  /** Slots that nobody holds; all of them, when no loop over an epoch runs. */
  get numFreeSlots(): number {
    return this.#slots.numFree;
  }

  /** Which sample stands where in a batch, without reading it. */
  samplesOf(epoch: number, number: number): readonly Sample[] {
    const { places, numValid } = this.#plan(epoch, number);
    return places.slice(0, numValid).map((place) => this.#sampler.sampleAt(epoch, place));
  }

  /**
   * The batches of an epoch from number `from` on. A batch is valid until the next is asked for.
   *
   * @throws {@link DataError} DATA_CHUNK, DATA_SKIPPED, DATA_TIMEOUT; and the signal's reason.
   */
  async *epoch(
    epoch: number,
    { from = 0, signal }: { readonly from?: number; readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<Batch, void, undefined> {
    const stop = new AbortController();
    const ended = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
    const announcer = new Announcer({
      source: this.#source,
      numBatches: this.batchesPerEpoch,
      samplesOf: (number) => this.samplesOf(epoch, number),
      from,
      signal: ended,
    });
    const queue: Reading[] = [];
    let next = from;
    const fill = () => {
      while (queue.length <= this.#config.read_ahead && next < this.batchesPerEpoch) {
        const plan = this.#plan(epoch, next++);
        const loading = this.#load(plan, announcer, ended);
        loading.catch(() => {}); // awaited in its turn, or when the loop is left
        queue.push({ plan, loading });
      }
    };
    try {
      for (fill(); queue.length > 0; fill()) {
        const began = performance.now();
        const loaded = await this.#inTime(queue, ended);
        void queue.shift(); // it has settled
        try {
          const batch = this.#collated(loaded, performance.now() - began);
          if (this.statistics.totals.batches === 0) await this.#config.onFirstBatch?.();
          this.statistics.add(batch);
          fill(); // the freed place in the queue is read while the step runs
          yield batch;
        } finally {
          this.#slots.release(loaded.slot);
        }
      }
    } finally {
      stop.abort(new Error("the loop over the epoch was left"));
      await this.#takeBack(queue);
      const missing = this.statistics.takeMissing(`epoch ${epoch}`);
      if (missing !== null) this.#config.say?.(missing);
    }
  }

  #collated(loaded: LoadedSlot, waitMs: number): Batch {
    const began = performance.now();
    const batch = this.#collator.collate(loaded);
    const { rows, readMs } = loaded;
    const sum = (count: (row: (typeof rows)[number]) => number) =>
      rows.reduce((total, row) => total + count(row), 0);
    const report = {
      readMs,
      collateMs: performance.now() - began,
      copyMs: 0,
      waitMs,
      chunks: sum(({ chunks }) => chunks),
      cachedChunks: sum(({ cachedChunks }) => cachedChunks),
      missingChunks: sum(({ missingChunks }) => missingChunks),
      missingLabelChunks: sum(({ missingLabelChunks }) => missingLabelChunks),
      samplesWithMissing: rows.filter((row) => row.missingChunks + row.missingLabelChunks > 0)
        .length,
      unreadChunks: sum(({ unreadChunks }) => unreadChunks),
      retries: sum(({ retries }) => retries),
      skipped: rows.flatMap(({ skipped }) => skipped),
    };
    return { ...batch, report };
  }

  /** Frees the slots of reads that were cancelled, as they end. */
  async #takeBack(queue: readonly Reading[]): Promise<void> {
    const { leave_s = 5 } = this.#config;
    const freed = queue.map(async ({ loading }) => {
      const loaded = await loading.catch(() => null); // one that failed has freed its own
      if (loaded) this.#slots.release(loaded.slot);
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, 1000 * leave_s);
    });
    await Promise.race([Promise.all(freed), late]);
    clearTimeout(timer);
  }

  get #globalBatchSize(): number {
    return this.#config.batchSize * (this.#config.worldSize ?? 1);
  }

  #plan(epoch: number, number: number): BatchPlan {
    const { batchSize, lastBatch, rank = 0, worldSize = 1 } = this.#config;
    const { numSamples } = this.#sampler;
    const ranks = { rank, worldSize };
    return { epoch, number, ...planBatch(number, { batchSize, numSamples, lastBatch, ...ranks }) };
  }

  async #load(plan: BatchPlan, announcer: Announcer, signal: AbortSignal): Promise<LoadedSlot> {
    const slot = await this.#slots.acquire(signal);
    try {
      const expected = await announcer.expected(plan.number);
      return await this.#loader.load(plan, slot, { expected, signal });
    } catch (error) {
      this.#slots.release(slot);
      throw error;
    }
  }

  /** The first of the queue, or an error when it takes too long. */
  async #inTime(queue: readonly Reading[], signal: AbortSignal): Promise<LoadedSlot> {
    const { timeout_s, num_slots } = this.#config;
    const [first] = queue;
    if (!first) throw new RangeError("nothing is being read");
    let timer: NodeJS.Timeout | undefined;
    let leave = () => {};
    const late = new Promise<never>((_, reject) => {
      leave = () => reject(signal.reason);
      signal.addEventListener("abort", leave, { once: true });
      if (signal.aborted) leave();
      timer = setTimeout(() => {
        const { epoch, number } = first.plan;
        const which = `batch ${number} of epoch ${epoch}`;
        const free = `${this.#slots.numFree} of ${num_slots} slots are free`;
        const files = waitingFor(this.samplesOf(epoch, number));
        const message = `${which} was not read within ${timeout_s} s; ${free}; ${files}`;
        reject(new DataError("DATA_TIMEOUT", message));
      }, timeout_s * 1000);
    });
    try {
      return await Promise.race([first.loading, late]);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", leave);
    }
  }
}

interface Reading {
  readonly plan: BatchPlan;
  readonly loading: Promise<LoadedSlot>;
}
