import { ChunkCache, openArray, type ZarrArray, ZarrError } from "@cell-observatory/zarr";
import { DataError } from "../../images/index.ts";
import { arrayPath, type Origin, type Sample, sampleId } from "../sample.ts";
import type { VoxelArray, VoxelDtype } from "../voxels.ts";
import { type ChannelPlan, planChannels } from "./channels.ts";
import { addCounts, noCounts } from "./counts.ts";
import { readImage } from "./image-reader.ts";
import { judgeRest } from "./judge.ts";
import { LabelReader } from "./label-reader.ts";
import { MissingNote } from "./missing-note.ts";
import { fillBoxes } from "./padding.ts";
import { placement } from "./placement.ts";
import { Remembered } from "./remembered.ts";
import type { HypercubeSourceConfig, ReadSampleOptions, SourceReport } from "./source-config.ts";
import { StallWatch, type StallWatchOptions } from "./stall-watch.ts";

/**
 * Reads samples from Zarr arrays into memory, on native threads. Each array is opened once.
 *
 * What reaches beyond its image is padded: zeros in space, the last frame again in time. A sample of
 * which nothing was measured in a channel, since every chunk is missing or damaged, is refused,
 * whatever the policies say; and so is one without a voxel of which all could be read.
 */
export class HypercubeSource {
  readonly #config: HypercubeSourceConfig;
  readonly #arrays = new Remembered<ZarrArray>();
  readonly #labels = new LabelReader((path, signal) => this.#open(path, signal));
  readonly #cache: ChunkCache;
  readonly #stalls: StallWatch;
  readonly #missing: MissingNote;

  constructor(config: HypercubeSourceConfig, stalls: StallWatchOptions = {}) {
    this.#config = config;
    this.#cache = new ChunkCache({ bytes: config.cacheBytes ?? 0 });
    this.#stalls = new StallWatch(stalls);
    this.#missing = new MissingNote(stalls.say);
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
   * are opened. What does not open, or lies outside of its image, is for {@link read} to complain of.
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
      try {
        if (array) this.#announce(array, sample, place);
      } catch (error) {
        if (!(error instanceof ZarrError || error instanceof DataError)) throw error;
      }
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
    { labels: map, place, signal }: ReadSampleOptions = {},
  ): Promise<SourceReport> {
    const { record, origin } = sample;
    const { cubeShape, missingChunks, unreadable = "raise" } = this.#config;
    const path = arrayPath(record);
    try {
      const image = await this.#open(path, signal);
      const size = this.#measuredSize(sample);
      const plan = this.#channelPlan(image, record.axes);
      const measured = { origin, size, plan };
      const into = { target, shape: this.shape, dtype: this.dtype };
      const how = { missingChunks, unreadable, signal };
      const voxels = await this.#stalls.during(() =>
        readImage(image, sample, measured, into, { ...how, place }),
      );
      this.#missing.ofImage(sample, path, voxels.counts);
      const { unread } = voxels;
      judgeRest(path, size, unread, "channels");
      const valid = { validSize: size, validChannels: plan.numValid };
      if (map === undefined) return { ...voxels.counts, unread, ...valid, classOf: () => 0 };
      const labels = await this.#stalls.during(() =>
        this.#labels.read(sample, image, measured, { map, cubeShape, ignored: unread }, how),
      );
      this.#missing.ofLabels(sample, labels.path, labels.counts);
      // What is not valid has no label, and what has none is not valid.
      fillBoxes(target, this.shape, labels.unread, 0);
      const counts = { ...noCounts };
      for (const part of [voxels, labels]) addCounts(counts, part.counts);
      const all = [...unread, ...labels.unread];
      judgeRest(path, size, all, "channels and label");
      return { ...counts, ...valid, unread: all, classOf: labels.classOf };
    } catch (cause) {
      signal?.throwIfAborted();
      throw ofSample(sample, cause);
    }
  }

  #open(path: string, signal: AbortSignal | undefined): Promise<ZarrArray> {
    const open = () =>
      this.#stalls.whileOpening(path, openArray(path, { cache: this.#cache, signal }));
    return this.#arrays.get(path, open, signal);
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
    const message = `it lies outside of an image of ${record.tile_shape.join(" x ")} (T Z Y X C)`;
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
}

/** What a loader reads its samples from. */
export type SampleSource = Pick<
  HypercubeSource,
  "shape" | "dtype" | "hasLabels" | "expect" | "read"
>;

/** What is the catalogue's fault, and no policy for voxels that cannot be read is for. */
const ofCatalogue = {
  ZARR_BOUNDS: "DATA_SHAPE",
  ZARR_DTYPE: "DATA_DTYPE",
  NGFF_METADATA: "DATA_LABELS",
} as const;

/** What was thrown while a sample was read, with the sample's name. */
function ofSample(sample: Sample, cause: unknown): unknown {
  const said = (error: Error) => `sample ${sampleId(sample)} cannot be read: ${error.message}`;
  if (cause instanceof DataError) {
    return new DataError(cause.code, said(cause), { hint: cause.hint, cause });
  }
  if (!(cause instanceof ZarrError) || cause.code === "ZARR_INTERNAL") return cause;
  const codes: Partial<Record<ZarrError["code"], DataError["code"]>> = ofCatalogue;
  return new DataError(codes[cause.code] ?? "DATA_CHUNK", said(cause), { cause });
}
