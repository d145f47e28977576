import { existsSync } from "node:fs";
import {
  type FileHandle,
  mkdir,
  open,
  readFile,
  rename,
  rm,
  truncate,
  writeFile,
} from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { openArray } from "@cell-observatory/zarr";
import { type CreatedImage, createImage, type NewImageOptions } from "../volume/create-image.ts";
import { Owner } from "../volume/owner.ts";
import { syncPath, syncTree } from "../volume/sync-tree.ts";
import { writing } from "../volume/writing.ts";

/**
 * A folder `PATH.importing` in which an image is written, and which outlives the process: who asks
 * for the same import again goes on in it. The image is put in its place when it is whole.
 *
 *     PATH.importing/owner     the process that writes now
 *     PATH.importing/plan      what is imported, and how: another text begins anew
 *     PATH.importing/done      a line for each box that is on the disk
 *     PATH.importing/image/    the image to be
 */
export class ImportFolder implements AsyncDisposable {
  readonly path: string;
  readonly #target: string;
  readonly #shown: string;
  readonly #owner: Owner;
  #done: FileHandle | null = null;
  #isOver = false;

  private constructor(shown: string, target: string, owner: Owner) {
    this.#shown = shown;
    this.#target = target;
    this.#owner = owner;
    this.path = `${target}.importing`;
  }

  /** @throws {@link DataError} DATA_EXISTS when another process imports the same; DATA_WRITE. */
  static async open(path: string): Promise<ImportFolder> {
    const target = resolve(path);
    const folder = `${target}.importing`;
    await writing(path, () => mkdir(folder, { recursive: true }));
    const owner = await Owner.take(join(folder, "owner"), `${path} is being imported`);
    return new ImportFolder(path, target, owner);
  }

  /**
   * Takes up what is there when it is of the same plan, or begins anew. `done` are the boxes that
   * need not be written again.
   */
  async begin(
    plan: string,
    options: NewImageOptions,
  ): Promise<CreatedImage & { readonly done: ReadonlySet<string> }> {
    const [image, planFile, doneFile] = ["image", "plan", "done"].map((name) =>
      join(this.path, name),
    ) as [string, string, string];
    return await writing(this.#shown, async () => {
      const before = await readFile(planFile, "utf8").catch(() => null);
      if (before === plan) {
        const labels = join(image, "labels", "cells", "0");
        const created = {
          image: await openArray(join(image, "0")),
          labels: existsSync(labels) ? await openArray(labels) : null,
        };
        const done = await wholeLines(doneFile);
        this.#done = await open(doneFile, "a");
        return { ...created, done };
      }
      await rm(planFile, { force: true });
      await rm(image, { recursive: true, force: true });
      const created = await createImage(image, options);
      await syncTree(image);
      await writeFile(doneFile, "");
      this.#done = await open(doneFile, "a");
      // Last, and at once: as long as it is not there, nothing else counts.
      await writeFile(`${planFile}.new`, plan, { flush: true });
      await rename(`${planFile}.new`, planFile);
      await syncPath(this.path);
      return { ...created, done: new Set() };
    });
  }

  /** Notes that a box is on the disk itself. */
  async note(box: string): Promise<void> {
    await writing(this.#shown, async () => {
      await this.#done?.write(`${box}\n`);
      await this.#done?.datasync();
    });
  }

  /** Puts the image in place, whole on the disk itself. */
  async commit(): Promise<void> {
    const image = join(this.path, "image");
    await writing(this.#shown, async () => {
      await syncTree(image);
      await rename(image, this.#target);
      this.#isOver = true;
      await syncPath(dirname(this.#target));
    });
  }

  /** What is left here is of no more use: the image is in its place. */
  discard(): void {
    this.#isOver = true;
  }

  /** What was written stays, for who goes on; nothing stays of what is in place, or never began. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#done?.close();
    const isBegun = existsSync(join(this.path, "plan"));
    const rest = this.#isOver || !isBegun ? this.path : join(this.path, "unpacked");
    await rm(rest, { recursive: true, force: true });
    await this.#owner[Symbol.asyncDispose]();
  }
}

/** The lines of a file; one that a crash cut off is taken away. */
async function wholeLines(path: string): Promise<ReadonlySet<string>> {
  const text = await readFile(path, "utf8");
  const end = text.lastIndexOf("\n") + 1;
  if (end < text.length) await truncate(path, Buffer.byteLength(text.slice(0, end)));
  return new Set(text.slice(0, end).split("\n").filter(Boolean));
}
