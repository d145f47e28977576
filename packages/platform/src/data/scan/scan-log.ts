import { type FileHandle, open } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { writing } from "../volume/writing.ts";
import type { CountPairs } from "./histogram.ts";

/** What is known of a hypercube before the thresholds of its image are. */
export interface ScannedCube {
  /** Which of the places. */
  readonly index: number;
  /** By channel, then frame. */
  readonly histograms: readonly (readonly CountPairs[])[];
  readonly boxes: string | null;
}

/** What a cell gave: its own voxels' histogram by channel, and its hypercubes. */
export interface ScannedCell {
  readonly own: readonly CountPairs[];
  readonly missingChunks: number;
  readonly cubes: readonly ScannedCube[];
}

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

/** Whole numbers in as few bytes as they need, seven bits in each. */
class Numbers {
  bytes: Buffer = Buffer.alloc(4096);
  at = 0;

  put(value: number): void {
    if (this.at + 8 > this.bytes.length) {
      this.bytes = Buffer.concat([this.bytes, Buffer.alloc(this.bytes.length)]);
    }
    let rest = value;
    while (rest >= 128) {
      this.bytes[this.at++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.bytes[this.at++] = rest;
  }

  putText(text: string): void {
    const bytes = Buffer.from(text);
    this.put(bytes.length);
    this.bytes = Buffer.concat([this.bytes.subarray(0, this.at), bytes, Buffer.alloc(4096)]);
    this.at += bytes.length;
  }

  putHistogram(histogram: CountPairs): void {
    this.put(histogram.length);
    let before = 0;
    for (let i = 0; i < histogram.length; i += 2) {
      const value = histogram[i] ?? 0;
      this.put(value - before);
      this.put(histogram[i + 1] ?? 0);
      before = value;
    }
  }

  take(): number {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = this.bytes[this.at++] ?? 0;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  }

  takeText(): string {
    const length = this.take();
    this.at += length;
    return this.bytes.toString("utf8", this.at - length, this.at);
  }

  takeHistogram(): CountPairs {
    const pairs = new Uint32Array(this.take());
    let value = 0;
    for (let i = 0; i < pairs.length; i += 2) {
      value += this.take();
      pairs[i] = value;
      pairs[i + 1] = this.take();
    }
    return pairs;
  }
}

function encodeCell({ own, missingChunks, cubes }: ScannedCell): Buffer {
  const numbers = new Numbers();
  numbers.put(missingChunks);
  numbers.put(own.length);
  for (const histogram of own) numbers.putHistogram(histogram);
  numbers.put(cubes.length);
  for (const { index, histograms, boxes } of cubes) {
    numbers.put(index);
    numbers.put(histograms[0]?.length ?? 0);
    for (const frames of histograms) for (const frame of frames) numbers.putHistogram(frame);
    numbers.putText(boxes ?? "");
  }
  return numbers.bytes.subarray(0, numbers.at);
}

function decodeCell(record: Buffer): ScannedCell {
  const numbers = new Numbers();
  numbers.bytes = record;
  const missingChunks = numbers.take();
  const own = Array.from({ length: numbers.take() }, () => numbers.takeHistogram());
  const cubes = Array.from({ length: numbers.take() }, () => {
    const index = numbers.take();
    const numFrames = numbers.take();
    const histograms = own.map(() =>
      Array.from({ length: numFrames }, () => numbers.takeHistogram()),
    );
    const boxes = numbers.takeText();
    return { index, histograms, boxes: boxes === "" ? null : boxes };
  });
  return { missingChunks, own, cubes };
}
