import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { EventsWriteError } from "./errors.ts";
import { makeFolders } from "./make-folders.ts";
import { syncFolder } from "./sync-folder.ts";

const newline = 0x0a;
const blockBytes = 64 * 1024;

/**
 * A text file that grows by whole lines. A line that a crash cut short is removed when the file is
 * opened, and so are zero bytes at the end, which a power cut leaves where data had no time to reach
 * the disk; a line that the disk had no room for is removed at once.
 */
export class AppendFile {
  readonly path: string;
  readonly #file: number;
  #size: number;

  /** @param note - told, in a sentence, when there were zero bytes at the end. */
  constructor(path: string, note?: (text: string) => void) {
    this.path = path;
    try {
      makeFolders(dirname(path));
      this.#file = openSync(path, "a+");
      this.#size = fstatSync(this.#file).size;
      if (this.#size === 0) syncFolder(dirname(path)); // its name, which may be new
      const end = this.#endOfWholeLines();
      if (this.#hasZeros(end, this.#size)) {
        const numBytes = this.#size - end;
        note?.(
          `${path} ended in zero bytes, as after a power cut: its last ${numBytes} bytes were cut`,
        );
      }
      this.truncate(end);
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

  /** Behind the last line that has a newline and no zero byte. */
  #endOfWholeLines(): number {
    let end = this.#endOfLine(this.#size);
    while (end > 0) {
      const start = this.#endOfLine(end - 1);
      if (!this.#hasZeros(start, end)) break;
      end = start;
    }
    return end;
  }

  /** Behind the last newline before `limit`; from the back, so that a long log opens as fast as a short one. */
  #endOfLine(limit: number): number {
    for (let end = limit; end > 0; end = Math.max(0, end - blockBytes)) {
      const start = Math.max(0, end - blockBytes);
      const at = this.#read(start, end).lastIndexOf(newline);
      if (at >= 0) return start + at + 1;
    }
    return 0;
  }

  #hasZeros(start: number, end: number): boolean {
    for (let at = start; at < end; at += blockBytes) {
      if (this.#read(at, Math.min(end, at + blockBytes)).includes(0)) return true;
    }
    return false;
  }

  #read(start: number, end: number): Buffer {
    const block = Buffer.alloc(end - start);
    return block.subarray(0, readSync(this.#file, block, 0, block.length, start));
  }
}
