import { join } from "node:path";
import {
  type ArrayLayout,
  createArray,
  createGroup,
  writeLabelNames,
  writeMultiscales,
  type ZarrArray,
  type ZarrDtype,
} from "@cell-observatory/zarr";
import { axesOnDisk, imageAxes, shapeAlong } from "../axes.ts";
import type { Chunking } from "./chunking.ts";

export interface NewImageOptions extends Chunking {
  readonly name: string;
  /** Sizes along T Z Y X C. */
  readonly shape: readonly number[];
  readonly dtype: ZarrDtype;
  /** Makes a label image of the same shape, but for its one channel: the type of its ids. */
  readonly labelsDtype?: ZarrDtype | null;
  /** What the labels say of each instance in OME-Zarr's `image-label`, such as its class. */
  readonly imageLabel?: object | null;
  readonly voxelSizeUm: readonly [z: number | null, y: number | null, x: number | null];
  readonly frameIntervalS: number | null;
  readonly channelNames?: readonly string[];
  /** How chunks are compressed; else blosc with zstd. */
  readonly codec?: ArrayLayout["codec"];
  /** Kept with the image, for who finds it later. */
  readonly attributes?: Readonly<Record<string, unknown>>;
}

type Layout = Pick<NewImageOptions, "shape" | "chunkShape" | "shardShape">;

/** The one label image that we write: every instance has an id, 0 is background. */
const labelsName = "cells";

export interface CreatedImage {
  /** Axes T C Z Y X, as the labels. */
  readonly image: ZarrArray;
  readonly labels: ZarrArray | null;
}

/** Makes an OME-Zarr image (NGFF 0.5, axes T C Z Y X) in a folder, without voxels. */
export async function createImage(folder: string, options: NewImageOptions): Promise<CreatedImage> {
  const { dtype, labelsDtype = null, attributes, codec } = options;
  await createGroup(folder, { attributes: { cello: attributes ?? {} } });
  await writeMultiscales(folder, multiscalesOf(options));
  const onDisk = (sizes: readonly number[]) => shapeAlong(sizes, imageAxes, axesOnDisk);
  const array = (path: string, type: ZarrDtype, { shape, chunkShape, shardShape }: Layout) =>
    createArray(path, {
      shape: onDisk(shape),
      chunkShape: onDisk(chunkShape),
      shardShape: onDisk(shardShape),
      dtype: type,
      codec,
      dimensionNames: [...axesOnDisk.toLowerCase()],
    });
  const image = await array(join(folder, "0"), dtype, options);
  if (!labelsDtype) return { image, labels: null };
  const labelsFolder = join(folder, "labels", labelsName);
  const ome = {
    version: "0.5",
    "image-label": { ...options.imageLabel, source: { image: "../../" } },
  };
  await createGroup(labelsFolder, { attributes: { ome } });
  await writeMultiscales(labelsFolder, multiscalesOf({ ...options, channelNames: [] }));
  await writeLabelNames(folder, [labelsName], "0.5");
  const [shape = [], chunkShape = [], shardShape = []] = [
    options.shape,
    options.chunkShape,
    options.shardShape,
  ].map((sizes) => [...sizes.slice(0, 4), 1]);
  const oneChannel = { shape, chunkShape, shardShape };
  const labels = await array(join(labelsFolder, "0"), labelsDtype, oneChannel);
  return { image, labels };
}

function multiscalesOf({ name, voxelSizeUm, frameIntervalS, channelNames = [] }: NewImageOptions) {
  const [z, y, x] = voxelSizeUm;
  const space = (axis: string, edge: number | null) => ({
    name: axis,
    type: "space" as const,
    ...(edge !== null && { unit: "micrometer" }),
  });
  return {
    version: "0.5" as const,
    name,
    axes: [
      { name: "t", type: "time" as const, ...(frameIntervalS !== null && { unit: "second" }) },
      { name: "c", type: "channel" as const },
      space("z", z),
      space("y", y),
      space("x", x),
    ],
    datasets: [
      {
        path: "0",
        scale: [frameIntervalS ?? 1, 1, z ?? 1, y ?? 1, x ?? 1],
        translation: [0, 0, 0, 0, 0],
      },
    ],
    ...(channelNames.length > 0 && { channelNames }),
  };
}
