import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { EventsWriteError } from "./errors.ts";

const newline = 0x0a;

/**
 * A text file that grows by whole lines. A line that a crash cut short is removed when the file is
 * opened; one that the disk had no room for is removed at once.
 */
export class AppendFile {
  readonly path: string;
  readonly #file: number;
  #size: number;

  constructor(path: string) {
    this.path = path;
    try {
      mkdirSync(dirname(path), { recursive: true });
      this.#file = openSync(path, "a+");
      this.#size = fstatSync(this.#file).size;
      this.truncate(this.#endOfLastLine());
    } catch (cause) {
      throw new EventsWriteError(path, cause);
    }
  }

  get size(): number {
    return this.#size;
  }

  /** Adds `text`, which ends in a newline, or leaves the file as it was. */
  append(text: string): void {
    const bytes = Buffer.from(text);
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(this.#file, bytes, done);
    } catch (cause) {
      ftruncateSync(this.#file, this.#size);
      throw new EventsWriteError(this.path, cause);
    }
    this.#size += bytes.length;
  }

  truncate(size: number): void {
    if (size >= this.#size) return;
    ftruncateSync(this.#file, size);
    this.#size = size;
  }

  sync(): void {
    try {
      fsyncSync(this.#file);
    } catch (cause) {
      throw new EventsWriteError(this.path, cause);
    }
  }

  close(): void {
    closeSync(this.#file);
  }

  /** Looked for from the back, so that a long log opens as fast as a short one. */
  #endOfLastLine(): number {
    const block = Buffer.alloc(64 * 1024);
    for (let end = this.#size; end > 0; ) {
      const start = Math.max(0, end - block.length);
      const read = readSync(this.#file, block, 0, end - start, start);
      const at = block.subarray(0, read).lastIndexOf(newline);
      if (at >= 0) return start + at + 1;
      end = start;
    }
    return 0;
  }
}
