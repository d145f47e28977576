import { type FileHandle, open } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { writing } from "../volume/writing.ts";
import { decodeCell, encodeCell, type ScannedCell } from "./scanned-cell.ts";

/**
 * A file of scanned cells, one behind the other, each with its length and checksum. A scan that was
 * stopped goes on behind the last whole one. It takes a few per cent of the image's own bytes. Who
 * opens it owns it: two at once would each write behind the other's.
 */
export class ScanLog implements AsyncDisposable {
  readonly #file: FileHandle;
  readonly #path: string;
  #end = 0;
  #numCells = 0;

  private constructor(file: FileHandle, path: string) {
    this.#file = file;
    this.#path = path;
  }

  /** Opens a log of this plan, or begins it anew. */
  static async open(path: string, plan: string): Promise<ScanLog> {
    const file = await writing(path, () => open(path, "a+"));
    try {
      const log = new ScanLog(file, path);
      await log.#takeUp(Buffer.from(plan));
      return log;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async #takeUp(plan: Buffer): Promise<void> {
    const begun = await this.#recordAt(0);
    if (!begun?.equals(plan)) {
      await writing(this.#path, () => this.#file.truncate(0));
      await this.#append(plan);
      return;
    }
    this.#end = 8 + plan.length;
    for (;;) {
      const record = await this.#recordAt(this.#end);
      if (!record) break;
      this.#numCells += 1;
      this.#end += 8 + record.length;
    }
    // A part of a record, or zeros, that a crash left.
    await writing(this.#path, () => this.#file.truncate(this.#end));
  }

  /** Whole cells in the log. */
  get numCells(): number {
    return this.#numCells;
  }

  async add(cell: ScannedCell): Promise<void> {
    await this.#append(encodeCell(cell));
    this.#numCells += 1;
  }

  /** All cells, in the order in which they were added. */
  async *cells(): AsyncGenerator<ScannedCell, void, undefined> {
    const head = await this.#recordAt(0);
    let at = 8 + (head?.length ?? 0);
    while (at < this.#end) {
      const record = await this.#recordAt(at);
      if (!record) throw new Error(`${this.#path} was changed while it was read`);
      yield decodeCell(record);
      at += 8 + record.length;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }

  async #append(record: Buffer): Promise<void> {
    const head = Buffer.alloc(8);
    head.writeUInt32LE(record.length, 0);
    head.writeUInt32LE(crc32(record), 4);
    await writing(this.#path, async () => {
      await this.#file.appendFile(Buffer.concat([head, record]));
      await this.#file.datasync();
    });
    this.#end += 8 + record.length;
  }

  /** Null when there is no whole record: none is empty, and zeros behind a crash are none. */
  async #recordAt(at: number): Promise<Buffer | null> {
    const head = Buffer.alloc(8);
    const { bytesRead } = await this.#file.read(head, 0, 8, at);
    const { size } = await this.#file.stat();
    const length = head.readUInt32LE(0);
    if (bytesRead < 8 || length === 0 || at + 8 + length > size) return null;
    const record = Buffer.alloc(length);
    await this.#file.read(record, 0, length, at + 8);
    return crc32(record) === head.readUInt32LE(4) ? record : null;
  }
}
