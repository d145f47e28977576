import { existsSync } from "node:fs";
import { basename } from "node:path";
import { DataError } from "../errors.ts";
import { chooseChunking } from "../volume/chunking.ts";
import { NewImage } from "../volume/new-image.ts";
import { readDirectories, type SampleType, type TiffFile } from "./directory.ts";
import { FileBytes } from "./file-bytes.ts";
import { readPage } from "./page.ts";
import { newSamples, type Samples, sampleBytes } from "./samples.ts";
import { readStack, type TiffStack } from "./stack.ts";

export interface ImportTiffOptions {
  /** A TIFF of the same shape whose values are ids of instances: kept as integers, as labels. */
  readonly labels?: string | null;
  /** What pages are when the file does not say: planes, or frames. */
  readonly pagesAre?: "Z" | "T";
  /** Number type of the image; null: the file's, but 8-bit counts become 16-bit, the same numbers. */
  readonly dtype?: "uint16" | null;
  /** Edge of a voxel; takes the place of what the file says. */
  readonly voxelSizeUm?: readonly [z: number, y: number, x: number] | null;
  readonly attributes?: Readonly<Record<string, unknown>>;
  /** Most memory for planes that wait to be written. */
  readonly memoryBytes?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number) => void;
}

export interface ImportedImage {
  /** Sizes along T Z Y X C. */
  readonly shape: readonly number[];
  readonly dtype: SampleType;
  /** What said how the pages were to be read. */
  readonly layoutFrom: TiffStack["source"];
  readonly voxelSizeUm: TiffStack["voxelSizeUm"];
  readonly bytes: number;
  readonly seconds: number;
}

/**
 * Writes a TIFF, OME-TIFF or ImageJ hyperstack as an OME-Zarr image at `path`, plane by plane. The
 * image appears when it is whole; until then, and when something goes wrong, there is nothing.
 *
 * @throws {@link DataError} TIFF_* naming the file and the page, DATA_EXISTS, DATA_DTYPE,
 *   DATA_SHAPE when the labels are of another shape.
 */
export async function importTiff(
  file: string,
  path: string,
  options: ImportTiffOptions = {},
): Promise<ImportedImage> {
  if (existsSync(path)) throw new DataError("DATA_EXISTS", `there is something at ${path} already`);
  const began = performance.now();
  await using image = await openStack(file, options.pagesAre);
  await using labels = options.labels ? await openStack(options.labels, options.pagesAre) : null;
  const { shape, sampleType, voxelSizeUm, frameIntervalS, channelNames } = image.stack;
  const dtype = options.dtype ?? (sampleType === "uint8" ? "uint16" : sampleType);
  const labelsDtype = labels ? labelTypeOf(labels, image) : null;
  const { memoryBytes = 256 * 2 ** 20 } = options;
  const itemBytes = Math.max(sampleBytes(dtype), labelsDtype ? sampleBytes(labelsDtype) : 1);
  const chunking = chooseChunking(shape, {
    itemBytes,
    shardBytes: memoryBytes,
    slabBytes: memoryBytes,
  });
  const edges = options.voxelSizeUm ?? voxelSizeUm;
  await using target = await NewImage.create(path, {
    name: basename(file),
    shape,
    ...chunking,
    dtype,
    labelsDtype,
    voxelSizeUm: edges,
    frameIntervalS,
    channelNames,
    attributes: { source: basename(file), ...options.attributes },
  });
  const share = labels ? 0.5 : 1;
  const slab = { depth: chunking.shardShape[1] ?? 1, signal: options.signal };
  await copyPlanes(image, target.image, dtype, {
    ...slab,
    onProgress: (done) => options.onProgress?.(share * done),
  });
  if (labels && target.labels && labelsDtype) {
    await copyPlanes(labels, target.labels, labelsDtype, {
      ...slab,
      onProgress: (done) => options.onProgress?.(share * (1 + done)),
    });
  }
  await target.commit();
  const bytes = shape.reduce((product, size) => product * size, sampleBytes(dtype));
  const seconds = (performance.now() - began) / 1000;
  return { shape, dtype, layoutFrom: image.stack.source, voxelSizeUm: edges, bytes, seconds };
}

interface OpenStack extends AsyncDisposable {
  readonly file: TiffFile;
  readonly stack: TiffStack;
}

async function openStack(path: string, pagesAre: "Z" | "T" | undefined): Promise<OpenStack> {
  const bytes = await FileBytes.open(path);
  try {
    const file = await readDirectories(bytes);
    const stack = await readStack(file, pagesAre);
    return { file, stack, [Symbol.asyncDispose]: () => bytes[Symbol.asyncDispose]() };
  } catch (error) {
    await bytes[Symbol.asyncDispose]();
    throw error;
  }
}

/** Labels are unsigned integers, of the image's shape but for its channels. */
function labelTypeOf(labels: OpenStack, image: OpenStack): "uint8" | "uint16" | "uint32" {
  const { path } = labels.file.bytes;
  const { shape, sampleType } = labels.stack;
  const wanted = [...image.stack.shape.slice(0, 4), 1];
  if (shape.join() !== wanted.join()) {
    const message = `${path} is ${shape.join(" x ")} along T Z Y X C; the image needs ${wanted.join(" x ")}`;
    throw new DataError("DATA_SHAPE", message, {
      hint: "Labels need a voxel for each of the image's.",
    });
  }
  if (sampleType === "uint8" || sampleType === "uint16" || sampleType === "uint32")
    return sampleType;
  const message = `${path} holds ${sampleType}; labels are uint8, uint16 or uint32`;
  throw new DataError("DATA_DTYPE", message, { hint: "Save the labels as unsigned integers." });
}

interface PlaneTarget {
  write(
    data: Samples,
    region: { origin: readonly number[]; shape: readonly number[]; signal?: AbortSignal },
  ): Promise<void>;
}

/** Copies plane after plane; a slab is written while the next one is decoded. */
async function copyPlanes(
  { file, stack }: OpenStack,
  target: PlaneTarget,
  dtype: SampleType,
  options: {
    readonly depth: number;
    readonly signal: AbortSignal | undefined;
    readonly onProgress: (done: number) => void;
  },
): Promise<void> {
  const { depth, signal, onProgress } = options;
  const [T, Z, Y, X, C] = stack.shape;
  const slabs = [0, 1].map(() => newSamples(dtype, Math.min(depth, Z) * Y * X * C));
  let writing: Promise<void> = Promise.resolve();
  let turn = 0;
  try {
    for (let t = 0; t < T; t++) {
      for (let z = 0; z < Z; z += depth) {
        const planes = Math.min(depth, Z - z);
        const whole = slabs[turn++ % 2] ?? newSamples(dtype, 0);
        const slab = whole.subarray(0, planes * Y * X * C);
        for (let plane = 0; plane < planes; plane++) {
          signal?.throwIfAborted();
          const at = { t, z: z + plane };
          await copyPlane({ file, stack }, at, { slab, planes, plane }, dtype);
        }
        await writing;
        const region = { origin: [t, 0, z, 0, 0], shape: [1, C, planes, Y, X] };
        writing = target.write(slab, { ...region, ...(signal && { signal }) });
        writing.catch(() => {}); // awaited in the next turn, or at the end
        onProgress((t + (z + planes) / Z) / T);
      }
    }
  } finally {
    await writing;
  }
}

interface PlaneInSlab {
  /** [C Z Y X] */
  readonly slab: Samples;
  readonly planes: number;
  readonly plane: number;
}

async function copyPlane(
  { file, stack }: Pick<OpenStack, "file" | "stack">,
  { t, z }: { readonly t: number; readonly z: number },
  { slab, planes, plane }: PlaneInSlab,
  dtype: SampleType,
): Promise<void> {
  const { samplesPerPage, sampleType, shape } = stack;
  const [, , Y, X, numChannels] = shape;
  for (let c = 0; c < numChannels; c += samplesPerPage) {
    const pixels = await readPage(file, stack.pageAt(t, z, c / samplesPerPage));
    if (dtype === "uint16" && sampleType !== "uint16") requireCounts(pixels, file, { t, z });
    for (let sample = 0; sample < samplesPerPage; sample++) {
      const at = ((c + sample) * planes + plane) * Y * X;
      const to = slab.subarray(at, at + Y * X);
      if (samplesPerPage === 1) to.set(pixels);
      else for (let i = 0; i < to.length; i++) to[i] = pixels[i * samplesPerPage + sample] ?? 0;
    }
  }
}

/** Numbers that are to become uint16 must be such already: nothing is rounded or cut. */
function requireCounts(
  pixels: Samples,
  { bytes }: TiffFile,
  { t, z }: { readonly t: number; readonly z: number },
): void {
  const odd = pixels.findIndex(
    (value: number) => !(value >= 0 && value <= 65535 && Number.isInteger(value)),
  );
  if (odd < 0) return;
  const message = `${bytes.path}: frame ${t}, plane ${z} holds ${pixels[odd]}; uint16 has whole numbers from 0 to 65535`;
  throw new DataError("DATA_DTYPE", message, {
    hint: "Scale and round the image first, or import it without --dtype to keep its own numbers.",
  });
}
