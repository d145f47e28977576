import { DataError } from "../errors.ts";
import { type Entry, fail, type NumberList, type Reader, rational, scalar } from "./entries.ts";
import type { FileBytes } from "./file-bytes.ts";
import { type SampleType, sampleTypes } from "./samples.ts";

/** One image of a TIFF file: what its directory says, checked against the size of the file. */
export interface TiffPage {
  readonly index: number;
  readonly width: number;
  readonly height: number;
  /** Samples in a pixel: 3 in RGB. */
  readonly numSamples: number;
  /** True: each sample has its own blocks. */
  readonly isPlanar: boolean;
  readonly sampleType: SampleType;
  readonly compression: number;
  readonly predictor: number;
  /** A block is a tile, or else a strip as wide as the image; the last strip may be lower. */
  readonly isTiled: boolean;
  readonly blockWidth: number;
  readonly blockHeight: number;
  /** Added to every block's offset: planes that share one directory lie behind each other. */
  readonly planeShift: number;
  readonly offsets: NumberList;
  readonly byteCounts: NumberList;
  /** Resolution along x and y, in pixels per unit; 1: none, 2: inch, 3: centimetre. */
  readonly pixelsPerUnit: readonly [x: number, y: number];
  readonly resolutionUnit: number;
  readonly description: NumberList | null;
  /** A smaller copy of another page. */
  readonly isReduced: boolean;
}

/** No compression in use makes images smaller than deflate at its best, 1032 to 1, by much. */
const bestRatio = 1100;

/**
 * A page out of the entries of its directory, which is the `index`-th of the file.
 *
 * @throws {@link DataError} TIFF_STRUCTURE for sizes that cannot be, TIFF_LAYOUT for samples that we
 *   do not read.
 */
export function pageOf(
  reader: Reader,
  entries: ReadonlyMap<number, Entry>,
  index: number,
): TiffPage {
  const { bytes, littleEndian } = reader;
  const number = (tag: number, otherwise?: number): number => {
    const entry = entries.get(tag);
    if (!entry && otherwise !== undefined) return otherwise;
    const value = entry?.inline && scalar(entry, entry.inline, littleEndian);
    if (value === undefined || value === null) {
      return fail(bytes, `page ${index} has no readable value for tag ${tag}`);
    }
    return value;
  };
  if (number(266, 1) !== 1) {
    const message = `${bytes.path}: page ${index} has the bits of its bytes in reverse (FillOrder 2)`;
    throw new DataError("TIFF_LAYOUT", message);
  }
  const [width, height] = [number(256), number(257)];
  const numSamples = number(277, 1);
  const isTiled = entries.has(322);
  const rows = number(278, height);
  const page: TiffPage = {
    index,
    width,
    height,
    numSamples,
    isPlanar: number(284, 1) === 2,
    sampleType: sampleType(bytes, entries, littleEndian, index),
    compression: number(259, 1),
    predictor: number(317, 1),
    isTiled,
    blockWidth: isTiled ? number(322) : width,
    blockHeight: isTiled ? number(323) : Math.min(rows, height),
    planeShift: 0,
    offsets: list(bytes, entries, isTiled ? 324 : 273, index),
    byteCounts: list(bytes, entries, isTiled ? 325 : 279, index),
    pixelsPerUnit: [
      rational(entries.get(282), littleEndian),
      rational(entries.get(283), littleEndian),
    ],
    resolutionUnit: number(296, 2),
    description: entries.has(270) ? list(bytes, entries, 270, index) : null,
    isReduced: (number(254, 0) & 1) === 1,
  };
  checkPage(bytes, page);
  return page;
}

/** Sizes that multiply to something sane, and as many blocks as they need. */
function checkPage(bytes: FileBytes, page: TiffPage): void {
  const { index, width, height, numSamples, blockWidth, blockHeight } = page;
  const sizes = [width, height, numSamples, blockWidth, blockHeight];
  const isSane = sizes.every((size) => size >= 1 && size <= 2 ** 24);
  if (!isSane || width * height * numSamples > 2 ** 31 || blockWidth * blockHeight > 2 ** 31) {
    const claim = `${width} x ${height} pixels of ${numSamples} samples`;
    fail(bytes, `page ${index} claims ${claim}, in blocks of ${blockWidth} x ${blockHeight}`);
  }
  const area = Math.max(width * height, blockWidth * blockHeight);
  if (area * numSamples > 2 ** 20 + bestRatio * bytes.size) {
    const pixels = `${width} x ${height} pixels in blocks of ${blockWidth} x ${blockHeight}`;
    fail(bytes, `page ${index} claims ${pixels}: more than a file of ${bytes.size} bytes can hold`);
  }
  const wanted =
    Math.ceil(width / blockWidth) *
    Math.ceil(height / blockHeight) *
    (page.isPlanar ? numSamples : 1);
  for (const { count } of [page.offsets, page.byteCounts]) {
    if (count !== wanted) fail(bytes, `page ${index} needs ${wanted} blocks, and lists ${count}`);
  }
}

function sampleType(
  bytes: FileBytes,
  entries: ReadonlyMap<number, Entry>,
  littleEndian: boolean,
  index: number,
): SampleType {
  const first = (tag: number) => {
    const entry = entries.get(tag);
    return entry?.inline ? (scalar(entry, entry.inline, littleEndian) ?? 1) : 1;
  };
  const [bits, format] = [first(258), first(339)];
  const kind = { 1: "uint", 2: "int", 3: "float" }[format];
  const name = `${kind}${bits}`;
  const found = sampleTypes.find((type) => type === name);
  if (found) return found;
  const message = `${bytes.path}: page ${index} has samples of ${bits} bits in format ${format}; expected ${sampleTypes.join(", ")}`;
  throw new DataError("TIFF_LAYOUT", message);
}

function list(
  bytes: FileBytes,
  entries: ReadonlyMap<number, Entry>,
  tag: number,
  index: number,
): NumberList {
  const entry = entries.get(tag);
  if (!entry || entry.itemBytes === 0) return fail(bytes, `page ${index} lacks tag ${tag}`);
  const { start, count, itemBytes } = entry;
  bytes.requireInside(start, count * itemBytes, `tag ${tag} of page ${index}`);
  return { start, count, itemBytes };
}
