import { DataError } from "../errors.ts";
import { readDirectories, type TiffFile } from "../tiff/directory.ts";
import { FileBytes } from "../tiff/file-bytes.ts";
import { readPage } from "../tiff/page.ts";
import { isPlaneAxis, type PlaneAxis } from "../tiff/planes.ts";
import type { Samples } from "../tiff/samples.ts";
import { readStack } from "../tiff/stack.ts";
import type { TiffStack } from "../tiff/stack-of-pages.ts";
import type { Box, ImageSource, SourceOptions } from "./image-source.ts";

/**
 * A TIFF, OME-TIFF or ImageJ hyperstack, page by page.
 *
 * @throws {@link DataError} TIFF_*; DATA_AXES for `axes` that are not pages and their Y X.
 */
export async function tiffSource(
  path: string,
  { axes = null }: Pick<SourceOptions, "axes">,
): Promise<ImageSource> {
  const pagesAre = axes === null ? "Z" : axisOfPages(path, axes);
  const bytes = await FileBytes.open(path);
  try {
    const file = await readDirectories(bytes);
    return sourceOf(file, await readStack(file, pagesAre));
  } catch (error) {
    await bytes[Symbol.asyncDispose]();
    throw error;
  }
}

function axisOfPages(path: string, axes: string): PlaneAxis {
  const [axis = ""] = axes;
  if (isPlaneAxis(axis) && axes.slice(1) === "YX") return axis;
  const message = `${path} is a TIFF: its axes can be ZYX, TYX or CYX, which say what its pages are; got ${axes}`;
  throw new DataError("DATA_AXES", message, {
    hint: "Leave --axes out where the file itself says it: OME-TIFF, ImageJ and tifffile's do.",
  });
}

function sourceOf(file: TiffFile, stack: TiffStack): ImageSource {
  const { bytes } = file;
  return {
    ...stack,
    path: bytes.path,
    layoutFrom: stack.source,
    fastestFirst: "XYZT",
    wholeAxes: "YX",
    fingerprint: async () => `${bytes.size} ${bytes.changedMs}`,
    missingChunks: 0,
    async read({ origin, shape }, into, { signal }) {
      const [numFrames, numPlanes] = shape;
      for (let t = 0; t < numFrames; t++) {
        for (let z = 0; z < numPlanes; z++) {
          signal?.throwIfAborted();
          const at = { t: origin[0] + t, z: origin[1] + z };
          await readPlane({ file, stack }, at, { into, shape, t, z });
        }
      }
    },
    [Symbol.asyncDispose]: () => bytes[Symbol.asyncDispose](),
  };
}

interface Place {
  /** [T C Z Y X] */
  readonly into: Samples;
  readonly shape: Box["shape"];
  readonly t: number;
  readonly z: number;
}

async function readPlane(
  { file, stack }: { readonly file: TiffFile; readonly stack: TiffStack },
  { t, z }: { readonly t: number; readonly z: number },
  { into, shape, t: frame, z: plane }: Place,
): Promise<void> {
  const { samplesPerPage } = stack;
  const [, , Y, X, numChannels] = stack.shape;
  for (let c = 0; c < numChannels; c += samplesPerPage) {
    const pixels = await readPage(file, stack.pageAt(t, z, c / samplesPerPage));
    for (let sample = 0; sample < samplesPerPage; sample++) {
      const at = ((frame * numChannels + c + sample) * shape[1] + plane) * Y * X;
      const to = into.subarray(at, at + Y * X);
      if (samplesPerPage === 1) to.set(pixels);
      else for (let i = 0; i < to.length; i++) to[i] = pixels[i * samplesPerPage + sample] ?? 0;
    }
  }
}
