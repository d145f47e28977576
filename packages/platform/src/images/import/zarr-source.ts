import { createHash } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { openArray, openGroup, type ZarrArray } from "@cell-observatory/zarr";
import { axesOnDisk, shapeAlong, stridesOf } from "../axes.ts";
import { DataError } from "../errors.ts";
import { type Samples, sampleTypes } from "../tiff/samples.ts";
import { readImageLabel } from "./image-label.ts";
import type { Box, ImageSource, SourceOptions } from "./image-source.ts";
import { openOmeZarr } from "./ome-zarr.ts";

/**
 * An OME-Zarr image (0.4 or 0.5, or one image of what bioformats2raw wrote), or a Zarr array with
 * `axes` or the names of its dimensions.
 *
 * @throws ZarrError; {@link DataError} DATA_AXES, DATA_DTYPE.
 */
export async function zarrSource(
  path: string,
  { axes = null }: Pick<SourceOptions, "axes">,
): Promise<ImageSource> {
  const isImage = await openGroup(path).then(
    () => true,
    () => false,
  );
  const found = isImage ? await imageIn(path, axes) : await arrayAt(path, axes);
  const { array } = found;
  requireAxes(path, array, found.axes);
  const sampleType = sampleTypes.find((type) => type === array.dtype);
  if (!sampleType) {
    const message = `${array.path} holds ${array.dtype}; expected ${sampleTypes.join(", ")}`;
    throw new DataError("DATA_DTYPE", message);
  }
  const [T = 1, Z = 1, Y = 1, X = 1, C = 1] = shapeAlong(array.shape, found.axes, "TZYXC");
  let missingChunks = 0;
  return {
    ...found,
    path,
    shape: [T, Z, Y, X, C],
    sampleType,
    fastestFirst: [...found.axes]
      .reverse()
      .filter((axis) => axis !== "C")
      .join(""),
    wholeAxes: "",
    fingerprint: () => treeFingerprint(array.path),
    get missingChunks() {
      return missingChunks;
    },
    async read(box, into, { signal }) {
      missingChunks += await readBox(array, found.axes, { ...box, channels: C, into }, signal);
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

async function imageIn(path: string, given: string | null) {
  const root = await soleSeries(path);
  const { version, labelNames, axes, ...image } = await openOmeZarr(root);
  return {
    ...image,
    axes: given ?? axes,
    layoutFrom: given === null ? `OME-Zarr ${version}` : "--axes",
    ownLabels: labelNames.map((name) => join(root, "labels", name)),
    imageLabel: await readImageLabel(root),
  };
}

/** bioformats2raw puts each image of a file into a group of its own, named by its number. */
async function soleSeries(path: string): Promise<string> {
  const { attributes } = await openGroup(path);
  const ome: Readonly<Record<string, unknown>> = Object(attributes.ome ?? attributes);
  if (ome["bioformats2raw.layout"] === undefined) return path;
  const series = (await readdir(path)).filter((name) => /^\d+$/.test(name)).sort();
  const [only] = series;
  if (only !== undefined && series.length === 1) return join(path, only);
  const message = `${path} has ${series.length} images, written by bioformats2raw`;
  throw new DataError("DATA_SHAPE", message, {
    hint: `Import them one by one: ${series
      .slice(0, 3)
      .map((name) => join(path, name))
      .join(", ")}`,
  });
}

async function arrayAt(path: string, given: string | null) {
  const array = await openArray(path);
  const named = array.dimensionNames?.map((name) => (name ?? "?").slice(0, 1).toUpperCase());
  const axes = given ?? named?.join("") ?? null;
  if (axes === null || axes.includes("?")) {
    const message = `${path} is an array of ${array.shape.join(" x ")}, and does not name its axes`;
    const hint = "Name them, slowest first: --axes TZYXC, for example.";
    throw new DataError("DATA_AXES", message, { hint });
  }
  return {
    array,
    axes,
    voxelSizeUm: [null, null, null] as const,
    frameIntervalS: null,
    channelNames: [],
    layoutFrom: given === null ? "the names of its dimensions" : "--axes",
  };
}

/** `--axes` may name too many, or too few. */
function requireAxes(path: string, { shape }: ZarrArray, axes: string): void {
  if (axes.length === shape.length) return;
  const message = `${path} is an array of ${shape.join(" x ")}; ${axes} names ${axes.length} axes`;
  const hint = "Name each of them, slowest first: --axes TZYXC, for example.";
  throw new DataError("DATA_AXES", message, { hint });
}

async function readBox(
  array: ZarrArray,
  axes: string,
  {
    origin,
    shape: [T, Z, Y, X],
    channels,
    into,
  }: Box & { readonly channels: number; readonly into: Samples },
  signal: AbortSignal | undefined,
): Promise<number> {
  const at: Readonly<Record<string, number>> = {
    T: origin[0],
    Z: origin[1],
    Y: origin[2],
    X: origin[3],
    C: 0,
  };
  const many: Readonly<Record<string, number>> = { T, Z, Y, X, C: channels };
  const strides = stridesOf([T, channels, Z, Y, X]);
  const report = await array.readInto(into, {
    origin: [...axes].map((axis) => at[axis] ?? 0),
    shape: [...axes].map((axis) => many[axis] ?? 1),
    strides: [...axes].map((axis) => strides[axesOnDisk.indexOf(axis)] ?? 1),
    signal,
  });
  return report.missingChunks;
}

/** Storage on a network answers many questions in the time of one. */
const statsAtOnce = 64;

/** Changes when a file below a folder does: by the names, sizes and times of all of them. */
export async function treeFingerprint(folder: string): Promise<string> {
  const below = await readdir(folder, { recursive: true, withFileTypes: true });
  const hash = createHash("sha256");
  const paths = below
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
  for (let at = 0; at < paths.length; at += statsAtOnce) {
    const some = paths.slice(at, at + statsAtOnce);
    const stats = await Promise.all(some.map((path) => stat(path)));
    for (const [i, { size, mtimeMs }] of stats.entries()) {
      hash.update(`${some[i]?.slice(folder.length)} ${size} ${mtimeMs}\n`);
    }
  }
  return hash.digest("hex");
}
