import { createHash } from "node:crypto";
import { basename, resolve } from "node:path";
import { DataError } from "../errors.ts";
import { type SampleType, sampleBytes } from "../tiff/samples.ts";
import { chooseChunking } from "../volume/chunking.ts";
import type { NewImageOptions } from "../volume/create-image.ts";
import { givenChunking } from "./given-chunking.ts";
import type { ImageSource } from "./image-source.ts";
import type { ImportOptions } from "./import-options.ts";

/** What an import makes, and the text by which it is known again. */
export interface ImportPlan {
  readonly target: NewImageOptions & { readonly dtype: SampleType };
  readonly labelsDtype: LabelType | null;
  readonly memoryBytes: number;
  /** With the same text an import goes on, and is not done twice. */
  readonly text: string;
  /** What the image keeps of it. */
  readonly mark: string;
}

interface Sources {
  readonly file: string;
  readonly image: ImageSource;
  readonly labels: ImageSource | null;
}

const usualMemoryBytes = 256 * 2 ** 20;

/** @throws {@link DataError} DATA_SHAPE, DATA_DTYPE when the labels are not the image's. */
export async function planImport(
  { file, image, labels }: Sources,
  options: ImportOptions,
): Promise<ImportPlan> {
  const memoryBytes = options.memoryBytes ?? usualMemoryBytes;
  const dtype = options.dtype ?? (image.sampleType === "uint8" ? "uint16" : image.sampleType);
  const labelsDtype = labels && labelTypeOf(labels, image);
  const { shape, frameIntervalS, channelNames } = image;
  const { codec } = options;
  const limits = {
    itemBytes: Math.max(sampleBytes(dtype), labelsDtype ? sampleBytes(labelsDtype) : 1),
    shardBytes: memoryBytes,
    ...(image.wholeAxes !== "" && { slabBytes: memoryBytes }),
  };
  const target = {
    name: basename(file),
    shape,
    ...givenChunking(chooseChunking(shape, limits), shape, options),
    dtype,
    labelsDtype,
    imageLabel: labels?.imageLabel ?? null,
    voxelSizeUm: options.voxelSizeUm ?? image.voxelSizeUm,
    frameIntervalS,
    channelNames,
    ...(codec && { codec }),
    attributes: { source: basename(file), ...options.attributes },
  };
  const text = JSON.stringify({
    version: 1,
    files: [file, options.labels ?? null].map((path) => path && resolve(path)),
    fingerprints: [await image.fingerprint(), (await labels?.fingerprint()) ?? null],
    axes: options.axes ?? null,
    pattern: options.pattern ?? null,
    members: [options.member ?? null, options.labelsMember ?? null],
    memoryBytes: options.memoryBytes ?? null, // boxes are cut by it
    ...target,
  });
  const mark = createHash("sha256").update(text).digest("hex");
  const attributes = { ...target.attributes, import_plan: mark };
  return { target: { ...target, attributes }, labelsDtype, memoryBytes, text, mark };
}

type LabelType = "uint8" | "uint16" | "uint32";

/** Labels are whole numbers from 0, of the image's shape but for its channels. */
function labelTypeOf(labels: ImageSource, image: ImageSource): LabelType {
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
