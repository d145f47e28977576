import { setThreads } from "@cell-observatory/zarr";
import { DataError } from "../../images/index.ts";
import type { Batch } from "../batch.ts";
import type { Sample } from "../sample.ts";
import type { SampleSource } from "../source/hypercube-source.ts";
import { Announcer } from "./announcer.ts";
import { type BatchPlan, planBatch } from "./batch-plan.ts";
import { readReport } from "./batch-report.ts";
import { type Collator, CollatorActor } from "./collator-actor.ts";
import type { DataloaderConfig } from "./dataloader-config.ts";
import { DeviceBuffer } from "./device-buffer.ts";
import { FinetuneCollatorActor } from "./finetune-collator-actor.ts";
import { type CollatedBatch, HandOver } from "./hand-over.ts";
import { HostMemoryBuffer } from "./host-memory-buffer.ts";
import { forAtMost, inTime } from "./in-time.ts";
import { type LoadedSlot, LoaderActor } from "./loader-actor.ts";
import { LoaderStatistics } from "./loader-statistics.ts";
import { ReadAhead } from "./read-ahead.ts";
import type { Sampler } from "./sampler.ts";
import { waitingFor } from "./waiting-for.ts";

/**
 * Batches of an epoch, read ahead of who asks for them: LoaderActor -> slots of a HostMemoryBuffer
 * -> CollatorActor -> DeviceBuffer, where there is a device to copy them to. A batch is a function of
 * (seed, epoch, number), whatever was asked before.
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
      locksPages: (config.copyTo?.device ?? "cpu") !== "cpu",
    });
    const { copyTo } = config;
    if (copyTo && copyTo.device !== "cpu") config.say?.(this.#slots.noteFor(copyTo.device));
    if (this.batchesPerEpoch === 0) {
      const asked = `batches of ${this.#globalBatchSize} samples`;
      throw new DataError("DATA_EMPTY", `${sampler.samplesPerEpoch} samples make no ${asked}`, {
        hint: "Lower clusters.batch_size, raise datasets.samples_per_epoch, or catalogue more.",
      });
    }
  }

  get samplesPerEpoch(): number {
    return this.#sampler.samplesPerEpoch;
  }

  get batchesPerEpoch(): number {
    const batches = this.#sampler.samplesPerEpoch / this.#globalBatchSize;
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
    const { read_ahead, timeout_s, leave_s = 5 } = this.#config;
    const stop = new AbortController();
    const ended = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
    const announcer = new Announcer({
      source: this.#source,
      numBatches: this.batchesPerEpoch,
      samplesOf: (number) => this.samplesOf(epoch, number),
      from,
      signal: ended,
    });
    const reads = new ReadAhead<LoadedSlot>({
      from,
      to: this.batchesPerEpoch,
      numAhead: read_ahead,
      read: (number) => this.#load(this.#plan(epoch, number), announcer, ended),
      onRead: () => handOver.stageAhead(),
    });
    const buffer = this.#newDeviceBuffer();
    const handOver = new HandOver({
      reads,
      buffer,
      collate: (loaded) => this.#collated(loaded),
      freeSlot: ({ slot }) => this.#slots.release(slot),
    });
    try {
      for (;;) {
        const began = performance.now();
        const held = await inTime(
          {
            seconds: timeout_s,
            signal: ended,
            tooLate: () => this.#late(epoch, reads.first ?? from),
          },
          (late) => handOver.next(late),
        );
        if (held === null) return;
        try {
          const batch = held.batch(performance.now() - began);
          if (this.statistics.totals.batches === 0) await this.#config.onFirstBatch?.();
          this.statistics.add(batch);
          reads.fill(); // the freed place in the queue is read while the step runs
          handOver.stageAhead(); // and what was read is copied
          yield batch;
        } finally {
          held.release();
        }
      }
    } finally {
      stop.abort(new Error("the loop over the epoch was left"));
      const freed = [reads.giveBack(({ slot }) => this.#slots.release(slot)), handOver.leave()];
      await forAtMost(leave_s, Promise.all(freed));
      buffer?.release();
      for (const note of this.statistics.takeNotes(`epoch ${epoch}`)) this.#config.say?.(note);
    }
  }

  /** Memory on the device, for one loop over an epoch; null: batches stay where they are. */
  #newDeviceBuffer(): DeviceBuffer | null {
    const { copyTo, device_slots = 2, batchSize } = this.#config;
    if (!copyTo) return null;
    const { shape, dtype, hasLabels } = this.#source;
    const most = { shape: [batchSize, ...shape], dtype, hasLabels } as const;
    return new DeviceBuffer(copyTo, { numSlots: device_slots, ...most });
  }

  #collated(loaded: LoadedSlot): CollatedBatch {
    const began = performance.now();
    const batch = this.#collator.collate(loaded);
    return { ...batch, report: readReport(loaded, performance.now() - began) };
  }

  get #globalBatchSize(): number {
    return this.#config.batchSize * (this.#config.worldSize ?? 1);
  }

  #plan(epoch: number, number: number): BatchPlan {
    const { batchSize, lastBatch, rank = 0, worldSize = 1 } = this.#config;
    const { samplesPerEpoch: numSamples } = this.#sampler;
    const ranks = { rank, worldSize };
    return { epoch, number, ...planBatch(number, { batchSize, numSamples, lastBatch, ...ranks }) };
  }

  async #load(plan: BatchPlan, announcer: Announcer, signal: AbortSignal): Promise<LoadedSlot> {
    const slot = await this.#slots.acquire(signal);
    try {
      const expected = await announcer.takeAnnounced(plan.number);
      return await this.#loader.load(plan, slot, { expected, signal });
    } catch (error) {
      this.#slots.release(slot);
      throw error;
    }
  }

  #late(epoch: number, number: number): DataError {
    const { timeout_s, num_slots } = this.#config;
    const which = `batch ${number} of epoch ${epoch}`;
    const free = `${this.#slots.numFree} of ${num_slots} slots are free`;
    const files = waitingFor(this.samplesOf(epoch, number));
    const message = `${which} was not read within ${timeout_s} s; ${free}; ${files}`;
    return new DataError("DATA_TIMEOUT", message);
  }
}
