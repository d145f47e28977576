import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import {
  createArray,
  createGroup,
  writeLabelNames,
  writeMultiscales,
  type ZarrArray,
  type ZarrDtype,
} from "@cell-observatory/zarr";
import { axesOnDisk, imageAxes, shapeAlong } from "../axes.ts";
import { DataError } from "../errors.ts";
import type { Chunking } from "./chunking.ts";
import { syncPath, syncTree } from "./sync-tree.ts";
import { writing } from "./writing.ts";

export interface NewImageOptions extends Chunking {
  readonly name: string;
  /** Sizes along T Z Y X C. */
  readonly shape: readonly number[];
  readonly dtype: ZarrDtype;
  /** Makes a label image of the same shape, but for its one channel: the type of its ids. */
  readonly labelsDtype?: ZarrDtype | null;
  readonly voxelSizeUm: readonly [z: number | null, y: number | null, x: number | null];
  readonly frameIntervalS: number | null;
  readonly channelNames?: readonly string[];
  /** Kept with the image, for who finds it later. */
  readonly attributes?: Readonly<Record<string, unknown>>;
}

type Layout = Pick<NewImageOptions, "shape" | "chunkShape" | "shardShape">;

/** The one label image that we write: every instance has an id, 0 is background. */
const labelsName = "cells";

/**
 * An OME-Zarr image (NGFF 0.5, axes T C Z Y X) that is being written next to where it will be.
 * `commit` puts it in place at once; when it is disposed of before that, nothing stays.
 */
export class NewImage implements AsyncDisposable {
  /** Axes T C Z Y X, as the labels. */
  readonly image: ZarrArray;
  readonly labels: ZarrArray | null;
  /** Where other files of the image can be put until it is committed. */
  readonly folder: string;
  readonly #path: string;
  #isCommitted = false;

  private constructor(path: string, folder: string, image: ZarrArray, labels: ZarrArray | null) {
    this.#path = path;
    this.folder = folder;
    this.image = image;
    this.labels = labels;
  }

  /** @throws {@link DataError} DATA_EXISTS when there is something at `path` already; DATA_WRITE. */
  static async create(path: string, options: NewImageOptions): Promise<NewImage> {
    const target = resolve(path);
    if (existsSync(target))
      throw new DataError("DATA_EXISTS", `there is something at ${path} already`);
    await writing(path, async () => {
      await mkdir(dirname(target), { recursive: true });
      await removeLeftovers(target);
    });
    const folder = `${target}.partial-${hostname()}-${process.pid}`;
    try {
      return await NewImage.#write(target, folder, options);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  static async #write(target: string, folder: string, options: NewImageOptions): Promise<NewImage> {
    const { dtype, labelsDtype = null, attributes } = options;
    await createGroup(folder, { attributes: { cello: attributes ?? {} } });
    await writeMultiscales(folder, multiscalesOf(options));
    const onDisk = (sizes: readonly number[]) => shapeAlong(sizes, imageAxes, axesOnDisk);
    const array = (path: string, type: ZarrDtype, { shape, chunkShape, shardShape }: Layout) =>
      createArray(path, {
        shape: onDisk(shape),
        chunkShape: onDisk(chunkShape),
        shardShape: onDisk(shardShape),
        dtype: type,
        dimensionNames: [...axesOnDisk.toLowerCase()],
      });
    const image = await array(join(folder, "0"), dtype, options);
    if (!labelsDtype) return new NewImage(target, folder, image, null);
    const labelsFolder = join(folder, "labels", labelsName);
    const ome = { version: "0.5", "image-label": { source: { image: "../../" } } };
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
    return new NewImage(target, folder, image, labels);
  }

  /** Puts the image in place, whole on the disk itself: it survives a loss of power from here on. */
  async commit(): Promise<void> {
    await writing(this.#path, async () => {
      await syncTree(this.folder);
      await rename(this.folder, this.#path);
      this.#isCommitted = true;
      await syncPath(dirname(this.#path));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isCommitted) await rm(this.folder, { recursive: true, force: true });
  }
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

/**
 * Removes what a process of this machine left that was killed while it wrote the same image. One of
 * another machine, on shared storage, may be at work: that is not seen from here.
 */
async function removeLeftovers(target: string): Promise<void> {
  const prefix = `${basename(target)}.partial-`;
  for (const name of await readdir(dirname(target))) {
    const owner = name.slice(prefix.length);
    const [, host, pid] = /^(.+)-(\d+)$/.exec(owner) ?? [];
    if (!name.startsWith(prefix) || host !== hostname() || isAlive(Number(pid))) continue;
    await rm(join(dirname(target), name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
