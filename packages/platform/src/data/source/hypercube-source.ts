import {
  openArray,
  type ReadReport,
  type Region,
  type ZarrArray,
  ZarrError,
} from "@cell-observatory/zarr";
import { imageAxes, stridesOf } from "../axes.ts";
import { DataError } from "../errors.ts";
import { arrayPath, type Origin, type Sample, sampleId } from "../sample.ts";
import { StallWatch, type StallWatchOptions } from "./stall-watch.ts";

export interface HypercubeSourceConfig {
  /** Sizes of a sample along T Z Y X; channels are what the image has, or `channels`. */
  readonly cubeShape: readonly [t: number, z: number, y: number, x: number];
  /** Channels to read, in this order; null: all. */
  readonly channels: readonly number[] | null;
  readonly numChannels: number;
  /** A chunk that is not on disk: its fill value, and counted, or an error. */
  readonly missingChunks: "fill" | "error";
}

/** What a sample took: chunks, those of them that are not there, and tries of failing storage. */
export type SourceReport = ReadReport;

/**
 * Reads samples from Zarr arrays into memory, on native threads. Each array is opened once.
 *
 * A sample of which every chunk is missing is refused, whatever `missingChunks` says: there is
 * nothing measured in it.
 */
export class HypercubeSource {
  readonly #config: HypercubeSourceConfig;
  readonly #arrays = new Map<string, Promise<ZarrArray>>();
  readonly #stalls: StallWatch;

  constructor(config: HypercubeSourceConfig, stalls: StallWatchOptions = {}) {
    this.#config = config;
    this.#stalls = new StallWatch(stalls);
  }

  /** Sizes of a sample along T Z Y X C. */
  get shape(): readonly [t: number, z: number, y: number, x: number, c: number] {
    return [...this.#config.cubeShape, this.#config.numChannels];
  }

  /**
   * Reads one sample, [T Z Y X C], into all of `target`.
   *
   * @throws {@link DataError} DATA_CHUNK when voxels cannot be read, DATA_SHAPE or DATA_DTYPE when
   *   the image is not what the catalogue says.
   */
  async read(
    sample: Sample,
    target: Uint16Array<SharedArrayBuffer>,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<SourceReport> {
    const path = arrayPath(sample.record);
    try {
      const array = await this.#open(path, signal);
      const report = await this.readFrom(array, sample.record.axes, sample.origin, target, signal);
      if (report.missingChunks === report.chunks) {
        const what = `all ${report.chunks} chunks of sample ${sampleId(sample)} are missing`;
        throw new DataError("DATA_CHUNK", `${path}: ${what}`);
      }
      return report;
    } catch (cause) {
      signal?.throwIfAborted();
      if (!(cause instanceof ZarrError) || cause.code === "ZARR_INTERNAL") throw cause;
      const message = `sample ${sampleId(sample)} cannot be read: ${cause.message}`;
      if (cause.code === "ZARR_BOUNDS") throw new DataError("DATA_SHAPE", message, { cause });
      throw new DataError("DATA_CHUNK", message, { cause });
    }
  }

  #open(path: string, signal: AbortSignal | undefined): Promise<ZarrArray> {
    const known = this.#arrays.get(path);
    if (known) return known;
    const opening = this.#stalls.whileOpening(path, openArray(path, { signal }));
    this.#arrays.set(path, opening);
    opening.catch(() => this.#arrays.delete(path)); // the next sample tries again
    return opening;
  }

  /** As {@link read}, from an array at hand, and without a judgement on missing chunks. */
  async readFrom(
    array: ZarrArray,
    axes: string,
    at: Origin,
    target: Uint16Array<SharedArrayBuffer>,
    signal: AbortSignal | undefined,
  ): Promise<SourceReport> {
    this.#checkChannels(array, axes);
    const inFileType = this.#memoryFor(array, target);
    const { missingChunks } = this.#config;
    // All are waited for, whatever becomes of one: they write to memory of the caller.
    const runs = this.#channelRuns().map((run) => this.#region(array, axes, at, run));
    const reads = await this.#stalls.during(() =>
      Promise.allSettled(
        runs.map(({ offset, ...region }) => {
          const options = { byteOffset: offset * inFileType.BYTES_PER_ELEMENT, ...region };
          return array.readInto(inFileType, { ...options, missingChunks, signal });
        }),
      ),
    );
    const sum = { chunks: 0, missingChunks: 0, retries: 0 };
    for (const read of reads) {
      if (read.status === "rejected") throw read.reason;
      sum.chunks += read.value.chunks;
      sum.missingChunks += read.value.missingChunks;
      sum.retries += read.value.retries;
    }
    if (inFileType !== target) target.set(inFileType);
    return sum;
  }

  /** What to read of a run of channels, along the array's own axes, and where it goes in T Z Y X C. */
  #region(array: ZarrArray, axes: string, origin: Origin, channels: ChannelRun): Placement {
    const { cubeShape } = this.#config;
    const starts: Readonly<Record<string, number>> = {
      T: origin[0],
      Z: origin[1],
      Y: origin[2],
      X: origin[3],
      C: channels.first,
    };
    const sizes: Readonly<Record<string, number>> = {
      T: cubeShape[0],
      Z: cubeShape[1],
      Y: cubeShape[2],
      X: cubeShape[3],
      C: channels.count,
    };
    if (axes.length !== array.shape.length) {
      const message = `${array.path} has ${array.shape.length} axes, but the catalogue says ${axes}`;
      throw new DataError("DATA_SHAPE", message);
    }
    const lacking = [...imageAxes].find((axis) => {
      return !axes.includes(axis) && ((sizes[axis] ?? 1) > 1 || (starts[axis] ?? 0) > 0);
    });
    if (lacking) {
      const wanted = `${sizes[lacking]} from ${starts[lacking]} on along ${lacking}`;
      throw new DataError("DATA_SHAPE", `${array.path} has axes ${axes}; asked for ${wanted}`);
    }
    const strides = stridesOf(this.shape);
    return {
      origin: [...axes].map((axis) => starts[axis] ?? 0),
      shape: [...axes].map((axis) => sizes[axis] ?? 1),
      strides: [...axes].map((axis) => strides[imageAxes.indexOf(axis)] ?? 0),
      offset: channels.at,
    };
  }

  /** The wanted channels, those that follow each other in the image together. */
  #channelRuns(): readonly ChannelRun[] {
    const { channels, numChannels } = this.#config;
    if (!channels) return [{ first: 0, count: numChannels, at: 0 }];
    const runs: ChannelRun[] = [];
    channels.forEach((channel, at) => {
      const last = runs.at(-1);
      if (last && channel === last.first + last.count) last.count += 1;
      else runs.push({ first: channel, count: 1, at });
    });
    return runs;
  }

  #checkChannels(array: ZarrArray, axes: string): void {
    const { channels, numChannels } = this.#config;
    const inImage = axes.includes("C") ? (array.shape[axes.indexOf("C")] ?? 1) : 1;
    if (channels || numChannels === inImage) return;
    const message = `${array.path} has ${inImage} channels; the data set expects ${numChannels}`;
    throw new DataError("DATA_SHAPE", message);
  }

  /** `target`, or memory for as many counts of the image's type. */
  #memoryFor(array: ZarrArray, target: Uint16Array): Uint16Array | Uint8Array {
    if (array.dtype === "uint16") return target;
    if (array.dtype === "uint8") return new Uint8Array(target.length);
    const message = `${array.path} holds ${array.dtype}; expected uint16 or uint8 counts`;
    throw new DataError("DATA_DTYPE", message);
  }
}

/** What a loader reads its samples from. */
export type SampleSource = Pick<HypercubeSource, "shape" | "read">;

interface ChannelRun {
  /** In the image. */
  readonly first: number;
  count: number;
  /** In a sample. */
  readonly at: number;
}

interface Placement extends Region {
  readonly strides: readonly number[];
  /** Elements before the first. */
  readonly offset: number;
}
