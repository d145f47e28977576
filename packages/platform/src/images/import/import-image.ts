import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { openGroup } from "@cell-observatory/zarr";
import { CellError } from "../../errors/index.ts";
import { DataError } from "../errors.ts";
import { isStorageFailure } from "../storage-failure.ts";
import { type SampleType, sampleBytes } from "../tiff/samples.ts";
import { type Copy, copyAll } from "./copy-boxes.ts";
import type { ImageSource } from "./image-source.ts";
import { ImportFolder } from "./import-folder.ts";
import type { ImportOptions } from "./import-options.ts";
import { planImport } from "./import-plan.ts";
import { openSource } from "./open-source.ts";

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
  /** Label images of the source that did not come along: an image has one. */
  readonly labelsLeftOut: readonly string[];
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
  const plan = await planImport({ file, image, labels }, options);
  const { target, labelsDtype, memoryBytes } = plan;
  const { shape, dtype, voxelSizeUm } = target;
  const facts = {
    shape,
    dtype,
    layoutFrom: image.layoutFrom,
    voxelSizeUm,
    hasLabels: labels !== null,
    labelsLeftOut: options.labels ? (image.ownLabels ?? []) : (image.ownLabels ?? []).slice(1),
    bytes: shape.reduce((product, size) => product * size, sampleBytes(dtype)),
  };
  const secondsSince = () => (performance.now() - began) / 1000;
  if (recorded !== null) {
    if (recorded !== plan.mark) {
      const why = "an image was imported before, of another file or with other flags";
      throw new DataError("DATA_EXISTS", `${path} is there already: ${why}`);
    }
    folder.discard();
    return { ...facts, outcome: "present", missingChunks: 0, seconds: secondsSince() };
  }
  const created = await folder.begin(plan.text, target);
  const copies: Copy[] = [{ name: "image", from: image, to: created.image, dtype }];
  if (labels && created.labels && labelsDtype) {
    copies.push({ name: "labels", from: labels, to: created.labels, dtype: labelsDtype });
  }
  const { signal, onProgress } = options;
  const { shardShape } = target;
  try {
    const { done } = created;
    await copyAll(copies, folder, { signal, onProgress, memoryBytes, shardShape, done });
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

/** Those that were named, or else the first that an OME-Zarr image brings along. */
async function openLabels(
  image: ImageSource,
  workFolder: string,
  options: ImportOptions,
): Promise<ImageSource | null> {
  const labels = options.labels ?? image.ownLabels?.[0] ?? null;
  if (labels === null) return null;
  // Labels have no channels; OME-Zarr names its axes itself.
  const isNamed = await openGroup(labels).then(
    () => true,
    () => false,
  );
  const axes = isNamed ? null : (options.axes?.replace("C", "") ?? null);
  return openInto(labels, workFolder, {
    ...options,
    axes: axes === "YX" ? null : axes,
    member: options.labelsMember ?? null,
  });
}
