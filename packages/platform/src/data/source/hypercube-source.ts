import { openArray, type TypedArray, type ZarrArray, ZarrError } from "@cell-observatory/zarr";
import { imageAxes, stridesOf } from "../axes.ts";
import { DataError } from "../errors.ts";
import { arrayPath, type Origin, type Sample, sampleId } from "../sample.ts";

export interface HypercubeSourceConfig {
  /** Sizes of a sample along T Z Y X; channels are what the image has, or `channels`. */
  readonly cubeShape: readonly [t: number, z: number, y: number, x: number];
  /** Channels to read, in this order; null: all. */
  readonly channels: readonly number[] | null;
  readonly numChannels: number;
  /** A chunk that is not on disk: its fill value, and counted, or an error. */
  readonly missingChunks: "fill" | "error";
}

export interface SourceReport {
  readonly chunks: number;
  readonly missingChunks: number;
}

/**
 * Reads samples from Zarr arrays into memory, on native threads. Each array is opened once.
 *
 * A sample of which every chunk is missing is refused, whatever `missingChunks` says: there is
 * nothing measured in it.
 */
export class HypercubeSource {
  readonly #config: HypercubeSourceConfig;
  readonly #arrays = new Map<string, Promise<ZarrArray>>();

  constructor(config: HypercubeSourceConfig) {
    this.#config = config;
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
    const opening = openArray(path, signal ? { signal } : {});
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
    const region = this.#region(array, axes, at);
    const options = { ...region, missingChunks: this.#config.missingChunks, signal };
    const isInOrder = imageAxes === axesLongerThanOne(axes, region.shape);
    const isWhole = this.#isWhole(array, axes);
    if (array.dtype === "uint16" && isWhole && isInOrder) return array.readInto(target, options);
    const scratch = await this.#scratch(array, region.shape);
    const report = await array.readInto(scratch, options);
    this.#copy(scratch, target, axes, region);
    return report;
  }

  /** Origin and shape along the array's own axes; all its channels from the first to the last wanted. */
  #region(array: ZarrArray, axes: string, origin: Origin): Region {
    const { cubeShape } = this.#config;
    const [first, last] = this.#channelRange();
    const starts: Readonly<Record<string, number>> = {
      T: origin[0],
      Z: origin[1],
      Y: origin[2],
      X: origin[3],
      C: first,
    };
    const sizes: Readonly<Record<string, number>> = {
      T: cubeShape[0],
      Z: cubeShape[1],
      Y: cubeShape[2],
      X: cubeShape[3],
      C: last - first + 1,
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
    return {
      origin: [...axes].map((axis) => starts[axis] ?? 0),
      shape: [...axes].map((axis) => sizes[axis] ?? 1),
    };
  }

  #channelRange(): readonly [first: number, last: number] {
    const { channels, numChannels } = this.#config;
    if (!channels) return [0, numChannels - 1];
    return [Math.min(...channels), Math.max(...channels)];
  }

  /** Every channel of the image, in its own order, so that no channel needs to be picked. */
  #isWhole(array: ZarrArray, axes: string): boolean {
    const { channels, numChannels } = this.#config;
    const inImage = axes.includes("C") ? (array.shape[axes.indexOf("C")] ?? 1) : 1;
    if (!channels && numChannels !== inImage) {
      const message = `${array.path} has ${inImage} channels; the data set expects ${numChannels}`;
      throw new DataError("DATA_SHAPE", message);
    }
    return (
      channels === null ||
      channels.every((channel, index) => channel === index + (channels[0] ?? 0))
    );
  }

  async #scratch(array: ZarrArray, shape: readonly number[]): Promise<TypedArray> {
    const length = shape.reduce((product, size) => product * size, 1);
    if (array.dtype === "uint16") return new Uint16Array(length);
    if (array.dtype === "uint8") return new Uint8Array(length);
    const message = `${array.path} holds ${array.dtype}; expected uint16 or uint8 counts`;
    throw new DataError("DATA_DTYPE", message);
  }

  /** Puts voxels read along the array's axes into the order T Z Y X C, and picks the channels. */
  #copy(from: TypedArray, to: Uint16Array, axes: string, { shape }: Region): void {
    const strides = stridesOf(shape);
    const stride = (axis: string) => (axes.includes(axis) ? (strides[axes.indexOf(axis)] ?? 0) : 0);
    const [T, Z, Y, X, C] = this.shape;
    const [first] = this.#channelRange();
    const channels = this.#config.channels ?? Array.from({ length: C }, (_, c) => c);
    const [byX, byC] = [stride("X"), stride("C")];
    let at = 0;
    for (let t = 0; t < T; t++) {
      for (let z = 0; z < Z; z++) {
        for (let y = 0; y < Y; y++) {
          const row = t * stride("T") + z * stride("Z") + y * stride("Y");
          for (let x = 0; x < X; x++) {
            for (const channel of channels) {
              to[at++] = Number(from[row + x * byX + (channel - first) * byC] ?? 0);
            }
          }
        }
      }
    }
  }
}

/** What a loader reads its samples from. */
export type SampleSource = Pick<HypercubeSource, "shape" | "read">;

interface Region {
  readonly origin: readonly number[];
  readonly shape: readonly number[];
}

/**
 * The axes T Z Y X C, if an array with these axes and sizes has its voxels in that order in
 * memory: axes of size 1 may stand anywhere. Else something else.
 */
function axesLongerThanOne(axes: string, shape: readonly number[]): string {
  const long = [...axes].filter((_, index) => (shape[index] ?? 1) > 1);
  const wanted = [...imageAxes].filter((axis) => long.includes(axis));
  return long.join() === wanted.join() ? imageAxes : axes;
}
