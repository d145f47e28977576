import { ChunkCache, openArray, type ZarrArray, ZarrError } from "@cell-observatory/zarr";
import type { VoxelBox } from "../batch.ts";
import { DataError } from "../errors.ts";
import { arrayPath, labelsFolder, type Origin, type Sample, sampleId } from "../sample.ts";
import { checkedDtype, newVoxels, type VoxelArray, type VoxelDtype } from "../voxels.ts";
import { type ChannelPlan, type ChannelRun, planChannels } from "./channels.ts";
import { InstanceClasses } from "./instance-classes.ts";
import { copyLabels, labelMemory } from "./labels.ts";
import { fillBoxes, pad, paddingBoxes } from "./padding.ts";
import { boxOf, placement } from "./placement.ts";
import { addCounts, noCounts, readPlacement } from "./read-placement.ts";
import { StallWatch, type StallWatchOptions } from "./stall-watch.ts";

export interface HypercubeSourceConfig {
  /** Sizes of a sample along T Z Y X; channels are what the image has, or `channels`. */
  readonly cubeShape: readonly [t: number, z: number, y: number, x: number];
  /** Channels to read, in this order; null: all. */
  readonly channels: readonly number[] | null;
  readonly numChannels: number;
  /** A chunk that is not on disk: its fill value, and counted, or an error. */
  readonly missingChunks: "fill" | "error";
  /** A chunk that cannot be read: an error, or its voxels are zeros that are not valid. */
  readonly unreadable?: "raise" | "mask";
  /** An image with too few channels: an error, or zeros that are not valid. */
  readonly missingChannels?: "error" | "zero";
  /** Number type of a sample. */
  readonly dtype?: VoxelDtype;
  /** Memory for decoded chunks, which later samples may need again; 0: none. */
  readonly cacheBytes?: number;
  /** Where instance labels are: nowhere, in a channel (from the last below 0), or in an array. */
  readonly labels?: "none" | "array" | { readonly channel: number };
}

/** What a sample took. */
export interface SourceCounts {
  readonly chunks: number;
  /** Those that were decoded already, for another sample. */
  readonly cachedChunks: number;
  /** Those that are not on disk. */
  readonly missingChunks: number;
  /** Tries of storage that failed for a moment. */
  readonly retries: number;
  /** Those that could not be read. */
  readonly unreadChunks: number;
}

/** What was read of a sample. */
export interface SourceReport extends SourceCounts {
  readonly validSize: Origin;
  readonly validChannels: number;
  readonly unread: readonly VoxelBox[];
  /** Class of an instance, where the labels say one. */
  readonly classOf: (id: number) => number;
}

export interface ReadSampleOptions {
  /** [T Z Y X]: where labels go. */
  readonly labels?: Int32Array | undefined;
  /** What {@link HypercubeSource.expect} gave for the sample. */
  readonly place?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads samples from Zarr arrays into memory, on native threads. Each array is opened once.
 *
 * What reaches beyond its image is padded: zeros in space, the last frame again in time. A sample of
 * which nothing was measured, since every chunk is missing or damaged, is refused, whatever the
 * policies say.
 */
export class HypercubeSource {
  readonly #config: HypercubeSourceConfig;
  readonly #arrays = new Map<string, Promise<ZarrArray>>();
  readonly #classes = new InstanceClasses();
  readonly #cache: ChunkCache;
  readonly #stalls: StallWatch;

  constructor(config: HypercubeSourceConfig, stalls: StallWatchOptions = {}) {
    this.#config = config;
    this.#cache = new ChunkCache({ bytes: config.cacheBytes ?? 0 });
    this.#stalls = new StallWatch(stalls);
  }

  /** Sizes of a sample along T Z Y X C. */
  get shape(): readonly [t: number, z: number, y: number, x: number, c: number] {
    return [...this.#config.cubeShape, this.#config.numChannels];
  }

  get dtype(): VoxelDtype {
    return this.#config.dtype ?? "uint16";
  }

  get hasLabels(): boolean {
    return (this.#config.labels ?? "none") !== "none";
  }

  /**
   * Tells the cache of chunks which samples will be read, in this order; arrays that are not open yet
   * are opened. One that cannot be is for {@link read} to complain of.
   *
   * @returns for each sample what to give to `read`.
   */
  async expect(
    samples: readonly Sample[],
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<readonly (number | undefined)[]> {
    if (this.#cache.bytes === 0) return samples.map(() => undefined);
    const arrays = await Promise.all(
      samples.map(({ record }) => this.#open(arrayPath(record), signal).catch(() => null)),
    );
    signal?.throwIfAborted();
    return samples.map((sample, i) => {
      const place = this.#cache.nextPlace();
      const array = arrays[i];
      if (array) this.#announce(array, sample, place);
      return place;
    });
  }

  #announce(array: ZarrArray, sample: Sample, place: number): void {
    const { origin, record } = sample;
    const size = this.#measuredSize(sample);
    for (const channels of this.#channelPlan(array, record.axes).runs) {
      const block = { origin, size, channels };
      array.expect({ ...placement(array, record.axes, block, this.shape), place });
    }
  }

  /**
   * Reads one sample, [T Z Y X C], into all of `target`.
   *
   * @throws {@link DataError} DATA_CHUNK when voxels cannot be read, DATA_SHAPE or DATA_DTYPE when
   *   the image is not what the catalogue says, DATA_LABELS.
   */
  async read(
    sample: Sample,
    target: VoxelArray,
    { labels, place, signal }: ReadSampleOptions = {},
  ): Promise<SourceReport> {
    const { record, origin } = sample;
    const path = arrayPath(record);
    try {
      const array = await this.#open(path, signal);
      const size = this.#measuredSize(sample);
      const plan = this.#channelPlan(array, record.axes);
      const measured = { origin, size, plan };
      const how = { place, signal };
      const voxels = await this.#readVoxels(array, record.axes, measured, target, how);
      judge(sample, path, voxels);
      const read = { ...voxels, validSize: size, validChannels: plan.numValid };
      if (labels === undefined) return { ...read, classOf: () => 0 };
      const found = await this.#readLabels(sample, array, measured, labels, signal);
      const unread = [...voxels.unread, ...found.unread];
      // What is not valid has no label, and what has none is not valid.
      fillBoxes(target, this.shape, found.unread, 0);
      const ignored = [...paddingBoxes(this.shape, size), ...unread];
      fillBoxes(labels, [...this.#config.cubeShape, 1], ignored, -1);
      const counts = { ...noCounts };
      for (const part of [voxels, found]) addCounts(counts, part);
      return { ...read, ...counts, unread, classOf: found.classOf };
    } catch (cause) {
      signal?.throwIfAborted();
      if (!(cause instanceof ZarrError) || cause.code === "ZARR_INTERNAL") throw cause;
      const message = `sample ${sampleId(sample)} cannot be read: ${cause.message}`;
      if (cause.code === "ZARR_BOUNDS") throw new DataError("DATA_SHAPE", message, { cause });
      throw new DataError("DATA_CHUNK", message, { cause });
    }
  }

  /** As {@link read}, from an array at hand: no padding, and no judgement on missing chunks. */
  async readFrom(
    array: ZarrArray,
    axes: string,
    origin: Origin,
    target: VoxelArray,
    signal: AbortSignal | undefined,
  ): Promise<SourceCounts> {
    const plan = this.#channelPlan(array, axes);
    const size = this.#config.cubeShape;
    return await this.#readVoxels(array, axes, { origin, size, plan }, target, { signal });
  }

  #open(path: string, signal: AbortSignal | undefined): Promise<ZarrArray> {
    const known = this.#arrays.get(path);
    if (known) return known;
    const opening = this.#stalls.whileOpening(
      path,
      openArray(path, { cache: this.#cache, signal }),
    );
    this.#arrays.set(path, opening);
    opening.catch(() => this.#arrays.delete(path)); // the next sample tries again
    return opening;
  }

  /** How far a sample is inside its row's image, and inside its row where that is smaller. */
  #measuredSize({ record, origin }: Sample): Origin {
    const ofRow = [record.time_size, record.z_size, record.y_size, record.x_size];
    const along = (axis: 0 | 1 | 2 | 3) =>
      Math.min(
        this.#config.cubeShape[axis],
        ofRow[axis] ?? 1,
        record.tile_shape[axis] - origin[axis],
      );
    const size = [along(0), along(1), along(2), along(3)] as const;
    if (size.every((edge) => edge > 0) && origin.every((start) => start >= 0)) return size;
    const message = `a sample at ${origin.join(", ")} lies outside of an image of ${record.tile_shape.join(" x ")} (T Z Y X C)`;
    throw new DataError("DATA_SHAPE", message);
  }

  #channelPlan(array: ZarrArray, axes: string): ChannelPlan {
    const { channels, numChannels, missingChannels = "error", labels = "none" } = this.#config;
    const labelChannel = typeof labels === "object" ? labels.channel : null;
    const inImage = axes.includes("C") ? (array.shape[axes.indexOf("C")] ?? 1) : 1;
    return planChannels(array.path, inImage, {
      channels,
      numChannels,
      labelChannel,
      missingChannels,
    });
  }

  /** Voxels, then padding: nothing is written to `target` once it has returned. */
  async #readVoxels(
    array: ZarrArray,
    axes: string,
    { origin, size, plan }: Measured,
    target: VoxelArray,
    how: Pick<ReadSampleOptions, "place" | "signal">,
  ): Promise<SourceCounts & { readonly unread: readonly VoxelBox[] }> {
    const dtype = checkedDtype(array.path, array.dtype, this.dtype);
    const memory = dtype === this.dtype ? target : newVoxels(dtype, target.length);
    const { missingChunks, unreadable = "raise" } = this.#config;
    // All are waited for, whatever becomes of one: they write to memory of the caller.
    const reads = await this.#stalls.during(() =>
      Promise.allSettled(
        plan.runs.map((channels) => {
          const place = placement(array, axes, { origin, size, channels }, this.shape);
          return readPlacement(array, memory, place, { missingChunks, unreadable, ...how });
        }),
      ),
    );
    const counts = { ...noCounts };
    const unread: VoxelBox[] = [];
    for (const read of reads) {
      if (read.status === "rejected") throw read.reason;
      addCounts(counts, read.value.counts);
      unread.push(...read.value.unread.map((part) => boxOf(part, axes, origin)));
    }
    if (memory !== target) target.set(memory);
    fillBoxes(target, this.shape, unread, 0);
    pad(target, this.shape, size, plan.numValid);
    return { ...counts, unread };
  }

  async #readLabels(
    sample: Sample,
    image: ZarrArray,
    { origin, size, plan }: Measured,
    labels: Int32Array,
    signal: AbortSignal | undefined,
  ): Promise<
    SourceCounts & {
      readonly unread: readonly VoxelBox[];
      readonly classOf: (id: number) => number;
    }
  > {
    const { record } = sample;
    const folder = plan.labels === null ? labelsFolder(record) : null;
    const { array, axes } =
      folder === null
        ? { array: image, axes: record.axes }
        : await this.#classes.labelArray(folder, (path) => this.#open(path, signal));
    const channels: ChannelRun = { first: plan.labels ?? 0, count: 1, at: 0 };
    const place = placement(array, axes, { origin, size, channels }, [
      ...this.#config.cubeShape,
      1,
    ]);
    const memory = labelMemory(array, labels.length);
    const { unreadable = "raise" } = this.#config;
    // Labels of background alone are often not written: a chunk of them that is not there is zeros.
    const options = { missingChunks: "fill", unreadable, signal } as const;
    const read = await this.#stalls.during(() => readPlacement(array, memory, place, options));
    judge(sample, array.path, { ...read.counts, missingChunks: 0 });
    copyLabels(array.path, memory, labels);
    const classOf = folder === null ? () => 0 : await this.#classes.of(folder);
    const unread = read.unread.map((part) => boxOf(part, axes, origin));
    return { ...read.counts, missingChunks: 0, unread, classOf };
  }
}

/** @throws {@link DataError} DATA_CHUNK for a sample of which nothing was measured. */
function judge(sample: Sample, path: string, read: SourceCounts): void {
  const { chunks, missingChunks, unreadChunks } = read;
  if (missingChunks + unreadChunks < chunks) return;
  const how = unreadChunks > 0 ? "missing or damaged" : "missing";
  const what = `all ${chunks} chunks of sample ${sampleId(sample)} are ${how}`;
  throw new DataError("DATA_CHUNK", `${path}: ${what}`);
}

/** What a loader reads its samples from. */
export type SampleSource = Pick<
  HypercubeSource,
  "shape" | "dtype" | "hasLabels" | "expect" | "read"
>;

interface Measured {
  readonly origin: Origin;
  readonly size: Origin;
  readonly plan: ChannelPlan;
}
