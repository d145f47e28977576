import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import type { ZarrArray } from "@cell-observatory/zarr";
import { DataError } from "../errors.ts";
import { createImage, type NewImageOptions } from "./create-image.ts";
import { isAlive } from "./owner.ts";
import { syncPath, syncTree } from "./sync-tree.ts";
import { writing } from "./writing.ts";

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
      const { image, labels } = await createImage(folder, options);
      return new NewImage(target, folder, image, labels);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
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
