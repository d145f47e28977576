import type { ZarrArray } from "@cell-observatory/zarr";
import { axesOnDisk, imageAxes, shapeAlong } from "../axes.ts";
import { newSamples, type SampleType, sampleBytes } from "../tiff/samples.ts";
import { writing } from "../volume/writing.ts";
import { planBoxes } from "./boxes.ts";
import { exactSamples } from "./exact-samples.ts";
import type { Box, ImageSource } from "./image-source.ts";
import type { ImportFolder } from "./import-folder.ts";

/** What to do about a number that there is no place for. */
const hints = {
  image: "Scale and round the image first, or import it without --dtype to keep its own numbers.",
  labels: "Labels are 0 for background, and whole numbers above it: save them again so.",
} as const;

/** Where voxels come from, where they go, and as what. */
export interface Copy {
  readonly name: keyof typeof hints;
  readonly from: ImageSource;
  readonly to: ZarrArray;
  readonly dtype: SampleType;
}

/** Copies images box by box, but for the boxes that are done; what is on the disk is noted. */
export async function copyAll(
  copies: readonly Copy[],
  folder: ImportFolder,
  { done, ...options }: CopyOptions & { readonly done: ReadonlySet<string> },
): Promise<void> {
  const share = 1 / copies.length;
  for (const [number, copy] of copies.entries()) {
    await copyBoxes(copy, folder, done, {
      ...options,
      onProgress: (part) => options.onProgress?.(share * (number + part)),
    });
  }
}

interface CopyOptions {
  /** Sizes along T Z Y X C that are written at once. */
  readonly shardShape: readonly number[];
  readonly memoryBytes: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number) => void) | undefined;
}

/** Copies box after box; one is written while the next is read. */
async function copyBoxes(
  { name, from, to, dtype }: Copy,
  folder: ImportFolder,
  done: ReadonlySet<string>,
  options: CopyOptions,
): Promise<void> {
  const { signal, onProgress, shardShape, memoryBytes } = options;
  const { sampleType, shape, path } = from;
  const boxes = planBoxes(shape, {
    ...from,
    shardShape,
    itemBytes: sampleBytes(dtype) + (dtype === sampleType ? 0 : sampleBytes(sampleType)),
    boxBytes: memoryBytes / 2,
  });
  let written: Promise<void> = Promise.resolve();
  try {
    for (const [number, box] of boxes.entries()) {
      signal?.throwIfAborted();
      const key = `${name} ${box.origin.join(" ")}`;
      if (!done.has(key)) {
        const read = newSamples(
          sampleType,
          box.shape.reduce((a, b) => a * b, shape[4]),
        );
        await from.read(box, read, signal ? { signal } : {});
        const whereIs = (index: number) => {
          const { t, z } = placeOf(index, box, shape[4]);
          return `${path}: frame ${t}, plane ${z}`;
        };
        const voxels = exactSamples(read, sampleType, dtype, { whereIs, hint: hints[name] });
        await written;
        const region = { ...onDisk(box, shape[4]), isDurable: true, signal };
        written = writing(to.path, () => to.write(voxels, region)).then(() => folder.note(key));
        written.catch(() => {}); // awaited in the next turn, or at the end
      }
      onProgress?.((number + 1) / boxes.length);
    }
  } finally {
    await written;
  }
}

/** Where an element of a box [T C Z Y X] stands in the image. */
function placeOf(index: number, { origin, shape: [, Z, Y, X] }: Box, channels: number) {
  const plane = Math.floor(index / (Y * X));
  return { t: origin[0] + Math.floor(plane / (Z * channels)), z: origin[1] + (plane % Z) };
}

function onDisk({ origin: [t, z, y, x], shape }: Box, channels: number) {
  return {
    origin: [t, 0, z, y, x],
    shape: [...shapeAlong([...shape, channels], imageAxes, axesOnDisk)],
  };
}
