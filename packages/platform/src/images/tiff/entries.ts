import { DataError } from "../errors.ts";
import type { FileBytes } from "./file-bytes.ts";

const maxEntries = 4096;
/** Bytes of a value, by the number of its type. */
const typeBytes = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8];

/** Where a list of numbers stands in the file; it is read only when its page is. */
export interface NumberList {
  readonly start: number;
  readonly count: number;
  readonly itemBytes: number;
}

export interface Reader {
  readonly bytes: FileBytes;
  readonly littleEndian: boolean;
  readonly isBig: boolean;
}

export interface Entry extends NumberList {
  readonly type: number;
  /** The value's own bytes when it fits into the entry, else null. */
  readonly inline: DataView | null;
}

/** The entries of the directory at `start`, by tag, and where the next directory is. */
export async function readEntries(reader: Reader, start: number, index: number) {
  const { bytes, littleEndian, isBig } = reader;
  const what = `the directory of page ${index}`;
  const [countBytes, entryBytes, offsetBytes] = isBig ? [8, 20, 8] : [2, 12, 4];
  const head = await bytes.read(start, countBytes, what);
  const count = isBig ? big(head, 0, littleEndian) : head.getUint16(0, littleEndian);
  if (count === 0 || count > maxEntries) fail(bytes, `${what} claims ${count} entries`);
  const size = count * entryBytes + offsetBytes;
  const view = await bytes.read(start + countBytes, size, what);
  const entries = new Map<number, Entry>();
  for (let i = 0; i < count; i++) {
    const at = i * entryBytes;
    const type = view.getUint16(at + 2, littleEndian);
    const itemBytes = typeBytes[type] ?? 0;
    const length = isBig ? big(view, at + 4, littleEndian) : view.getUint32(at + 4, littleEndian);
    const valueAt = at + entryBytes - offsetBytes;
    const isInline = length * itemBytes <= offsetBytes;
    const target = isBig ? big(view, valueAt, littleEndian) : view.getUint32(valueAt, littleEndian);
    entries.set(view.getUint16(at, littleEndian), {
      type,
      count: length,
      itemBytes: type === 5 || type === 10 ? 8 : itemBytes,
      start: isInline ? start + countBytes + valueAt : target,
      inline: isInline ? new DataView(view.buffer, view.byteOffset + valueAt, offsetBytes) : null,
    });
  }
  const nextAt = count * entryBytes;
  const following = isBig ? big(view, nextAt, littleEndian) : view.getUint32(nextAt, littleEndian);
  for (const tag of wantedValues) {
    const entry = entries.get(tag);
    if (!entry || entry.inline || entry.itemBytes === 0) continue;
    const inline = await bytes.read(entry.start, entry.itemBytes, `tag ${tag} of page ${index}`);
    entries.set(tag, { ...entry, inline });
  }
  return { entries, following };
}

/** Bits and format of the first sample, resolution along x and y: wanted wherever they stand. */
const wantedValues = [258, 339, 282, 283];

/** A fraction, such as pixels per inch; 0 when there is none. */
export function rational(entry: Entry | undefined, littleEndian: boolean): number {
  if (entry?.type !== 5 || !entry.inline || entry.count < 1) return 0;
  const below = entry.inline.getUint32(4, littleEndian);
  return below === 0 ? 0 : entry.inline.getUint32(0, littleEndian) / below;
}

/** The first number of an entry whose value stands in it. */
export function scalar(
  { type, count }: Entry,
  view: DataView,
  littleEndian: boolean,
): number | null {
  if (count < 1) return null;
  if (type === 1) return view.getUint8(0);
  if (type === 3) return view.getUint16(0, littleEndian);
  if (type === 4) return view.getUint32(0, littleEndian);
  if (type === 16) return big(view, 0, littleEndian);
  return null;
}

/** A 64-bit number; one above 2^53 becomes one that lies in no file. */
export function big(view: DataView, at: number, littleEndian: boolean): number {
  const value = view.getBigUint64(at, littleEndian);
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value);
}

export function fail(bytes: FileBytes, message: string): never {
  throw new DataError("TIFF_STRUCTURE", `${bytes.path}: ${message}`);
}
