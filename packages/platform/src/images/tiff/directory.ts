import { DataError } from "../errors.ts";
import { big, fail, type NumberList, type Reader, readEntries } from "./entries.ts";
import type { FileBytes } from "./file-bytes.ts";
import { pageOf, type TiffPage } from "./tiff-page.ts";

export interface TiffFile {
  readonly bytes: FileBytes;
  readonly littleEndian: boolean;
  readonly pages: readonly TiffPage[];
}

const maxPages = 1_000_000;

/**
 * Reads every directory of a TIFF or BigTIFF file, in either byte order.
 *
 * @throws {@link DataError} TIFF_STRUCTURE when the file is none, is cut off, has more than 10^6
 *   pages, or its directories form a circle; TIFF_LAYOUT for samples of an odd size.
 */
export async function readDirectories(bytes: FileBytes): Promise<TiffFile> {
  const head = await bytes.read(0, Math.min(16, Math.max(8, bytes.size)), "the header of a TIFF");
  const order = head.getUint16(0, false);
  const littleEndian = order === 0x4949;
  const version = head.getUint16(2, littleEndian);
  if ((!littleEndian && order !== 0x4d4d) || (version !== 42 && version !== 43)) {
    const start = head.getUint32(0, false).toString(16).padStart(8, "0");
    const message = `${bytes.path} is no TIFF: expected 49492a00, 4d4d002a or a BigTIFF's, got ${start}`;
    throw new DataError("TIFF_STRUCTURE", message, { hint: "Convert the file to TIFF first." });
  }
  const isBig = version === 43;
  if (isBig) bytes.requireInside(0, 16, "the header of a BigTIFF");
  const reader: Reader = { bytes, littleEndian, isBig };
  const pages: TiffPage[] = [];
  const seen = new Set<number>();
  let next = isBig ? big(head, 8, littleEndian) : head.getUint32(4, littleEndian);
  while (next !== 0) {
    if (seen.has(next)) fail(bytes, `directory ${pages.length} is one that came before: a circle`);
    if (pages.length >= maxPages) fail(bytes, `more than ${maxPages} pages`);
    seen.add(next);
    const { entries, following } = await readEntries(reader, next, pages.length);
    pages.push(pageOf(reader, entries, pages.length));
    next = following;
  }
  if (pages.length === 0) fail(bytes, "there is no page in it");
  return { bytes, littleEndian, pages };
}

/** Reads a list of numbers that a page refers to. */
export async function readList(
  { bytes, littleEndian }: TiffFile,
  { start, count, itemBytes }: NumberList,
  what: string,
): Promise<Float64Array> {
  const view = await bytes.read(start, count * itemBytes, what);
  return Float64Array.from({ length: count }, (_, index) => {
    if (itemBytes === 1) return view.getUint8(index);
    if (itemBytes === 2) return view.getUint16(2 * index, littleEndian);
    if (itemBytes === 4) return view.getUint32(4 * index, littleEndian);
    return big(view, 8 * index, littleEndian);
  });
}
