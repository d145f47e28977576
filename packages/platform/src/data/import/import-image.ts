import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { type ArrayLayout, openGroup } from "@cell-observatory/zarr";
import { CellError } from "../../errors/index.ts";
import { DataError } from "../errors.ts";
import { isStorageFailure } from "../storage-failure.ts";
import type { SampleType } from "../tiff/directory.ts";
import { sampleBytes } from "../tiff/samples.ts";
import { chooseChunking } from "../volume/chunking.ts";
import { type Copy, copyAll } from "./copy-boxes.ts";
import { givenChunking } from "./given-chunking.ts";
import type { ImageSource } from "./image-source.ts";
import { ImportFolder } from "./import-folder.ts";
import { openSource } from "./open-source.ts";

/** Number types that an image can be stored in. */
export type StoredType = "uint8" | "uint16" | "int16" | "float32";

export interface ImportOptions {
  /** Instances of the image, in any format that an image can be in; kept as whole numbers. */
  readonly labels?: string | null;
  /** Axes of the file, slowest first, such as TZYX; null: as the file or its format has them. */
  readonly axes?: string | null;
  /** Where the numbers stand in the names of a folder's files. */
  readonly pattern?: string | null;
  /** The array in an .npz. */
  readonly member?: string | null;
  /** The same for labels. */
  readonly labelsMember?: string | null;
  /** Null: the file's, but 8-bit counts become 16-bit, the same numbers. */
  readonly dtype?: StoredType | null;
  /** Edge of a voxel; takes the place of what the file says. */
  readonly voxelSizeUm?: readonly [z: number, y: number, x: number] | null;
  /** Sizes along T Z Y X; null: chosen by the size of the image. */
  readonly chunk?: readonly number[] | null;
  readonly shard?: readonly number[] | null;
  readonly codec?: ArrayLayout["codec"] | null;
  readonly attributes?: Readonly<Record<string, unknown>>;
  /** Most memory for voxels that are read and wait to be written, about. */
  readonly memoryBytes?: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (done: number) => void;
}

const usualMemoryBytes = 256 * 2 ** 20;

export interface ImportedImage {
  /** "present": the same import was done before, and nothing was read. */
  readonly outcome: "made" | "resumed" | "present";
  /** Sizes along T Z Y X C. */
  readonly shape: readonly number[];
  readonly dtype: SampleType;
  /** What said how the file is laid out. */
  readonly layoutFrom: string;
  readonly voxelSizeUm: ImageSource["voxelSizeUm"];
  readonly hasLabels: boolean;
  /** Chunks of an OME-Zarr image that were not there, and count as their fill value. */
  readonly missingChunks: number;
  readonly bytes: number;
  readonly seconds: number;
}

/**
 * Writes an image of any format as an OME-Zarr image at `path`, box by box. The image appears when
 * it is whole. An import that was stopped or killed goes on where it was when it is asked for again;
 * one that was done already is left as it is.
 *
 * @throws {@link DataError} naming the file and the place in it: TIFF_*, DATA_NUMPY, DATA_PNG,
 *   DATA_PLANES, DATA_IMPORT; DATA_EXISTS, DATA_DTYPE, DATA_SHAPE when the labels are of another
 *   shape.
 */
export async function importImage(
  file: string,
  path: string,
  options: ImportOptions = {},
): Promise<ImportedImage> {
  const began = performance.now();
  const recorded = existsSync(path) ? await recordedPlan(path) : null;
  if (existsSync(path) && recorded === null) throw taken(path);
  await using folder = await ImportFolder.open(path);
  const unpacked = join(folder.path, "unpacked");
  await using image = await openInto(file, join(unpacked, "image"), options);
  await using labels = await openLabels(image, join(unpacked, "labels"), options);
  const { sampleType, shape, voxelSizeUm } = image;
  const dtype = options.dtype ?? (sampleType === "uint8" ? "uint16" : sampleType);
  const labelsDtype = labels && labelTypeOf(labels, image);
  const target = targetOf(image, { dtype, labelsDtype, options, file });
  const plan = planText(file, { image, labels, target, options });
  const bytes = shape.reduce((product, size) => product * size, sampleBytes(dtype));
  const facts = {
    shape,
    dtype,
    layoutFrom: image.layoutFrom,
    voxelSizeUm: options.voxelSizeUm ?? voxelSizeUm,
    hasLabels: labels !== null,
    bytes,
  };
  const secondsSince = () => (performance.now() - began) / 1000;
  if (recorded !== null) {
    if (recorded !== markOf(plan)) throw taken(path);
    folder.discard();
    return { ...facts, outcome: "present", missingChunks: 0, seconds: secondsSince() };
  }
  const attributes = { ...target.attributes, import_plan: markOf(plan) };
  const created = await folder.begin(plan, { ...target, attributes });
  const copies: Copy[] = [{ name: "image", from: image, to: created.image, dtype }];
  if (labels && created.labels && labelsDtype) {
    copies.push({ name: "labels", from: labels, to: created.labels, dtype: labelsDtype });
  }
  try {
    await copyAll(copies, folder, {
      ...options,
      memoryBytes: options.memoryBytes ?? usualMemoryBytes,
      shardShape: target.shardShape,
      done: created.done,
    });
  } catch (error) {
    // What is wrong with the file will be so again; a full disk or a stop will not.
    if (error instanceof CellError && !isStorageFailure(error)) folder.discard();
    throw error;
  }
  await folder.commit();
  const { missingChunks } = image;
  const outcome = created.done.size > 0 ? "resumed" : "made";
  return { ...facts, outcome, missingChunks, seconds: secondsSince() };
}

const taken = (path: string) =>
  new DataError("DATA_EXISTS", `there is something else at ${path} already`);

/** What an image keeps of how it was made: enough to know the same import again. */
const markOf = (plan: string): string => createHash("sha256").update(plan).digest("hex");

/** The mark of an image that we imported; null for any other. */
async function recordedPlan(path: string): Promise<string | null> {
  const group = await openGroup(path).catch(() => null);
  const cello: Readonly<Record<string, unknown>> = Object(group?.attributes.cello);
  return typeof cello.import_plan === "string" ? cello.import_plan : null;
}

async function openInto(
  file: string,
  workFolder: string,
  { axes = null, pattern = null, member = null, signal }: ImportOptions,
): Promise<ImageSource> {
  await mkdir(workFolder, { recursive: true });
  return openSource(file, { axes, pattern, member, workFolder, signal });
}

/** Those that were named, or else those of an OME-Zarr image of ours. */
async function openLabels(
  image: ImageSource,
  workFolder: string,
  options: ImportOptions,
): Promise<ImageSource | null> {
  const labels = options.labels ?? image.ownLabels ?? null;
  if (labels === null) return null;
  const axes = options.axes?.replace("C", "") ?? null; // labels have no channels
  return openInto(labels, workFolder, {
    ...options,
    axes: axes === "YX" ? null : axes,
    member: options.labelsMember ?? null,
  });
}

interface Target {
  readonly dtype: SampleType;
  readonly labelsDtype: SampleType | null;
  readonly options: ImportOptions;
  readonly file: string;
}

function targetOf(image: ImageSource, { dtype, labelsDtype, options, file }: Target) {
  const { shape, frameIntervalS, channelNames } = image;
  const { memoryBytes = usualMemoryBytes, codec } = options;
  const itemBytes = Math.max(sampleBytes(dtype), labelsDtype ? sampleBytes(labelsDtype) : 1);
  const limits = {
    itemBytes,
    shardBytes: memoryBytes,
    ...(image.wholeAxes !== "" && { slabBytes: memoryBytes }),
  };
  const chunking = givenChunking(chooseChunking(shape, limits), shape, options);
  return {
    name: basename(file),
    shape,
    ...chunking,
    dtype,
    labelsDtype,
    voxelSizeUm: options.voxelSizeUm ?? image.voxelSizeUm,
    frameIntervalS,
    channelNames,
    ...(codec && { codec }),
    attributes: { source: basename(file), ...options.attributes },
  };
}

/** All that the image depends on: with the same text an import goes on, and is not done twice. */
function planText(
  file: string,
  {
    image,
    labels,
    target,
    options,
  }: {
    readonly image: ImageSource;
    readonly labels: ImageSource | null;
    readonly target: ReturnType<typeof targetOf>;
    readonly options: ImportOptions;
  },
): string {
  const { memoryBytes = null } = options;
  return JSON.stringify({
    version: 1,
    files: [file, options.labels ?? null].map((path) => path && resolve(path)),
    fingerprints: [image.fingerprint, labels?.fingerprint ?? null],
    axes: options.axes ?? null,
    pattern: options.pattern ?? null,
    members: [options.member ?? null, options.labelsMember ?? null],
    memoryBytes, // boxes are cut by it
    ...target,
  });
}

/** Labels are whole numbers from 0, of the image's shape but for its channels. */
function labelTypeOf(labels: ImageSource, image: ImageSource): "uint8" | "uint16" | "uint32" {
  const { path, shape, sampleType } = labels;
  const wanted = [...image.shape.slice(0, 4), 1];
  if (shape.join() !== wanted.join()) {
    const message = `${path} is ${shape.join(" x ")} along T Z Y X C; the image needs ${wanted.join(" x ")}`;
    throw new DataError("DATA_SHAPE", message, {
      hint: "Labels need a voxel for each of the image's.",
    });
  }
  switch (sampleType) {
    case "uint8":
    case "uint16":
    case "uint32":
      return sampleType;
    case "int8":
      return "uint8";
    case "int16":
      return "uint16";
    case "int32":
      return "uint32";
    default: {
      const message = `${path} holds ${sampleType}; labels are whole numbers`;
      throw new DataError("DATA_DTYPE", message, { hint: "Save the labels as whole numbers." });
    }
  }
}
