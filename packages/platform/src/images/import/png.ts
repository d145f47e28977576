import { promisify } from "node:util";
import { crc32, inflate } from "node:zlib";
import { DataError } from "../errors.ts";
import { FileBytes } from "../tiff/file-bytes.ts";
import { type Samples, samplesOver } from "../tiff/samples.ts";

const inflateAsync = promisify(inflate);

/** What a PNG says of itself. */
export interface PngHeader {
  readonly width: number;
  readonly height: number;
  readonly sampleType: "uint8" | "uint16";
  /** Samples in a pixel: 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha. */
  readonly numSamples: number;
}

const samplesOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const mostPixels = 2 ** 30;
const mostChunks = 1_000_000;
/** No deflate stream unpacks to more than 1032 times its bytes. */
const bestRatio = 1100;

/**
 * Reads the header of a PNG. What is understood is what planes of microscopes and label maps are:
 * 8 or 16 bits a sample, rows from the top to the bottom. Of a palette, the numbers are kept: label
 * maps are saved so.
 *
 * Own code because no library bounds what a hostile file unpacks to. A PNG of 389 kB whose header
 * says 8 x 6 pixels and whose stream holds 400 MB took fast-png 8.0.0 3.3 s and 1.2 GB, on the thread
 * that called it; one that says 60,000 x 60,000 took pngjs 7.0.0 a minute and 14 GB. The picture
 * library that we have gives 8 bits alone. Here zlib stops at the size that the header says, once
 * that is one the file can hold. Source: W3C PNG, third edition, clauses 5, 9, 10 and 11.
 *
 * @throws {@link DataError} DATA_PNG
 */
export async function readPngHeader(bytes: FileBytes): Promise<PngHeader> {
  const { path } = bytes;
  const view = await bytes.read(0, Math.min(33, bytes.size), "the header of a PNG");
  const isPng =
    view.byteLength === 33 &&
    view.getUint32(0) === 0x89504e47 &&
    view.getUint32(4) === 0x0d0a1a0a &&
    view.getUint32(8) === 13 &&
    view.getUint32(12) === 0x49484452;
  if (!isPng) throw fault(path, "it does not begin as a PNG does");
  if (crc32(Buffer.from(view.buffer, 12, 17)) !== view.getUint32(29)) {
    throw fault(path, "its header is damaged: the checksum is another");
  }
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const [depth, colour, interlace] = [view.getUint8(24), view.getUint8(25), view.getUint8(28)];
  const numSamples = samplesOf[colour];
  if (width === 0 || height === 0 || width * height > mostPixels) {
    throw fault(path, `it claims ${width} x ${height} pixels; 1 to ${mostPixels}`);
  }
  if (numSamples === undefined || (depth !== 8 && depth !== 16) || interlace !== 0) {
    const found = `colour type ${colour} of ${depth} bits, ${interlace ? "interlaced" : "not interlaced"}`;
    throw fault(path, `it has ${found}; expected 8 or 16 bits a sample, not interlaced`);
  }
  const sampleType = depth === 8 ? "uint8" : "uint16";
  const rowBytes = width * numSamples * (depth / 8);
  if (height * rowBytes > bestRatio * bytes.size) {
    const claim = `${width} x ${height} pixels`;
    throw fault(path, `it claims ${claim}: more than a file of ${bytes.size} bytes can hold`);
  }
  return { width, height, sampleType, numSamples };
}

/**
 * Decodes a PNG, [Y X S].
 *
 * @throws {@link DataError} DATA_PNG when a checksum or a length is not right.
 */
export async function readPng(path: string): Promise<PngHeader & { readonly pixels: Samples }> {
  await using bytes = await FileBytes.open(path, "DATA_PNG");
  const header = await readPngHeader(bytes);
  const { width, height, numSamples, sampleType } = header;
  const pixelBytes = numSamples * (sampleType === "uint8" ? 1 : 2);
  const rowBytes = width * pixelBytes;
  const packed = await imageData(bytes);
  const wanted = height * (rowBytes + 1);
  const rows = await inflateAsync(packed, { maxOutputLength: wanted }).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw fault(path, `its pixels do not decode: ${why}`);
  });
  if (rows.length !== wanted) {
    throw fault(path, `its pixels decode to ${rows.length} bytes; expected ${wanted}`);
  }
  const pixels = unfiltered(rows, { path, height, rowBytes, pixelBytes });
  return { ...header, pixels: samplesOver(pixels, sampleType, false) };
}

/** The parts of the one compressed stream, each checked. */
async function imageData(bytes: FileBytes): Promise<Buffer> {
  const { path, size } = bytes;
  const parts: Buffer[] = [];
  let at = 8;
  for (let chunk = 0; chunk < mostChunks && at + 12 <= size; chunk++) {
    const head = await bytes.read(at, 8, "the head of a chunk");
    const length = head.getUint32(0);
    const kind = Buffer.from(head.buffer, 4, 4).toString("latin1");
    if (kind === "IEND") return Buffer.concat(parts);
    if (kind === "IDAT") {
      const view = await bytes.read(at + 4, length + 8, "the pixels");
      const data = Buffer.from(view.buffer);
      if (crc32(data.subarray(0, length + 4)) !== view.getUint32(length + 4)) {
        throw fault(path, "its pixels are damaged: a checksum is another");
      }
      parts.push(data.subarray(4, length + 4));
    }
    at += length + 12;
  }
  throw fault(path, "it has no end: it was not copied whole");
}

interface Rows {
  readonly path: string;
  readonly height: number;
  readonly rowBytes: number;
  readonly pixelBytes: number;
}

/** Each row says how it differs from its left and upper neighbours. */
function unfiltered(rows: Buffer, { path, height, rowBytes, pixelBytes }: Rows): Uint8Array {
  const out = new Uint8Array(height * rowBytes);
  for (let y = 0; y < height; y++) {
    const filter = rows[y * (rowBytes + 1)] ?? 0;
    const from = y * (rowBytes + 1) + 1;
    const to = y * rowBytes;
    if (filter > 4) throw fault(path, `row ${y} has filter ${filter}; 0 to 4`);
    for (let i = 0; i < rowBytes; i++) {
      const left = i >= pixelBytes ? (out[to + i - pixelBytes] ?? 0) : 0;
      const up = y > 0 ? (out[to - rowBytes + i] ?? 0) : 0;
      const corner = y > 0 && i >= pixelBytes ? (out[to - rowBytes + i - pixelBytes] ?? 0) : 0;
      out[to + i] = (rows[from + i] ?? 0) + predicted(filter, left, up, corner);
    }
  }
  return out;
}

function predicted(filter: number, left: number, up: number, corner: number): number {
  switch (filter) {
    case 1:
      return left;
    case 2:
      return up;
    case 3:
      return (left + up) >> 1;
    case 4: {
      const guess = left + up - corner;
      const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
      if (a <= b && a <= c) return left;
      return b <= c ? up : corner;
    }
    default:
      return 0;
  }
}

function fault(path: string, why: string): DataError {
  return new DataError("DATA_PNG", `${path}: ${why}`);
}
