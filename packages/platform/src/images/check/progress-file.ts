import { type FileHandle, open, readFile } from "node:fs/promises";
import { writing } from "../volume/writing.ts";
import type { SlabReport } from "./check-array.ts";

/** Slabs that were checked, by their names, in a file of lines: a check that was stopped goes on. */
export class ProgressFile implements AsyncDisposable {
  readonly #done: Map<string, SlabReport>;
  readonly #file: FileHandle | null;
  readonly #path: string;

  private constructor(path: string, file: FileHandle | null, done: Map<string, SlabReport>) {
    this.#path = path;
    this.#file = file;
    this.#done = done;
  }

  /** @param path - null: nothing is kept. */
  static async open(path: string | null): Promise<ProgressFile> {
    if (path === null) return new ProgressFile("", null, new Map());
    const text = await readFile(path, "utf8").catch(() => "");
    const done = new Map<string, SlabReport>();
    for (const line of text.split("\n")) {
      try {
        const { slab, ...report } = JSON.parse(line);
        done.set(slab, report);
      } catch {
        // an empty line, or one that a crash cut off: that slab is checked again
      }
    }
    const file = await writing(path, () => open(path, "a"));
    if (text !== "" && !text.endsWith("\n")) await file.appendFile("\n");
    return new ProgressFile(path, file, done);
  }

  get(slab: string): SlabReport | undefined {
    return this.#done.get(slab);
  }

  async add(slab: string, report: SlabReport): Promise<void> {
    await writing(this.#path, async () => {
      await this.#file?.appendFile(`${JSON.stringify({ slab, ...report })}\n`);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file?.close();
  }
}
