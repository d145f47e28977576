import { promisify } from "node:util";
import { inflate, zstdDecompress } from "node:zlib";
import { DataError } from "../errors.ts";
import { readList, type TiffFile } from "./directory.ts";
import { decodeLzw } from "./lzw.ts";
import { decodePackBits } from "./packbits.ts";
import { newSamples, type Samples, sampleBytes, samplesOver } from "./samples.ts";
import type { TiffPage } from "./tiff-page.ts";

const inflateAsync = promisify(inflate);
const zstdAsync = promisify(zstdDecompress);

/**
 * Decodes one page: [Y X S], rows from the top.
 *
 * @throws {@link DataError} TIFF_STRUCTURE when a block lies outside the file, TIFF_PIXELS when it
 *   does not decode to the bytes it must have, TIFF_LAYOUT for a compression that is not known.
 */
export async function readPage(file: TiffFile, page: TiffPage): Promise<Samples> {
  const { index, width, height, numSamples, isPlanar, sampleType, blockWidth, blockHeight } = page;
  const offsets = await readList(file, page.offsets, `the block offsets of page ${index}`);
  const counts = await readList(file, page.byteCounts, `the block sizes of page ${index}`);
  const pixels = newSamples(sampleType, width * height * numSamples);
  const across = Math.ceil(width / blockWidth);
  const down = Math.ceil(height / blockHeight);
  const perBlock = isPlanar ? 1 : numSamples;
  for (let block = 0; block < offsets.length; block++) {
    const y = (Math.floor(block / across) % down) * blockHeight;
    const x = (block % across) * blockWidth;
    // The last strip is cut to the image; a tile never is.
    const rows = page.isTiled ? blockHeight : Math.min(blockHeight, height - y);
    const place = {
      offset: (offsets[block] ?? 0) + page.planeShift,
      bytes: counts[block] ?? 0,
      block,
    };
    const samples = await readBlock(file, page, place, blockWidth * rows * perBlock);
    unpredict(samples, page, { path: file.bytes.path, rows, perPixel: perBlock });
    const sample = isPlanar ? Math.floor(block / (across * down)) : 0;
    copyBlock(samples, pixels, page, { y, x, rows, sample });
  }
  return pixels;
}

interface BlockPlace {
  readonly offset: number;
  readonly bytes: number;
  readonly block: number;
}

async function readBlock(
  file: TiffFile,
  page: TiffPage,
  place: BlockPlace,
  numSamples: number,
): Promise<Samples> {
  const what = `block ${place.block} of page ${page.index}`;
  const wanted = numSamples * sampleBytes(page.sampleType);
  // No compression makes pixels larger by more; what is not compressed may be followed by padding.
  const most = page.compression === 1 ? wanted : 2 * wanted + 65536;
  if (page.compression !== 1 && place.bytes > most) {
    const message = `${file.bytes.path}: ${what} claims ${place.bytes} bytes for ${wanted} of pixels`;
    throw new DataError("TIFF_STRUCTURE", message);
  }
  const view = await file.bytes.read(place.offset, Math.min(place.bytes, most), what);
  const decoded = await decode(file, page, new Uint8Array(view.buffer), wanted, what);
  if (decoded.length < wanted) {
    const message = `${file.bytes.path}: ${what} decodes to ${decoded.length} bytes; expected ${wanted}`;
    throw new DataError("TIFF_PIXELS", message);
  }
  return samplesOver(decoded.subarray(0, wanted), page.sampleType, file.littleEndian);
}

/** Never makes more than `wanted` bytes, whatever the block claims. */
async function decode(
  { bytes }: TiffFile,
  page: TiffPage,
  block: Uint8Array,
  wanted: number,
  what: string,
): Promise<Uint8Array> {
  const { path } = bytes;
  try {
    switch (page.compression) {
      case 1:
        return block;
      case 5:
        return decodeLzw(block, wanted) ?? new Uint8Array();
      case 8:
      case 32946:
        return await inflateAsync(block, { maxOutputLength: wanted });
      case 32773:
        return decodePackBits(block, wanted);
      case 50000:
        return await zstdAsync(block, { maxOutputLength: wanted });
    }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new DataError("TIFF_PIXELS", `${path}: ${what} does not decode: ${why}`, { cause });
  }
  const message = `${path}: page ${page.index} has compression ${page.compression}; expected none, LZW, deflate, PackBits or zstd`;
  throw new DataError("TIFF_LAYOUT", message);
}

/** Undoes "store the difference to the left neighbour", in place. */
function unpredict(
  samples: Samples,
  page: TiffPage,
  { path, rows, perPixel }: { path: string; rows: number; perPixel: number },
): void {
  if (page.predictor === 1) return;
  if (page.predictor !== 2 || page.sampleType.startsWith("float")) {
    const message = `${path}: page ${page.index} has predictor ${page.predictor} for ${page.sampleType}; expected none, or 2 for integers`;
    throw new DataError("TIFF_LAYOUT", message);
  }
  const rowLength = page.blockWidth * perPixel;
  for (let row = 0; row < rows; row++) {
    const end = (row + 1) * rowLength;
    for (let i = row * rowLength + perPixel; i < end; i++) {
      samples[i] = (samples[i] ?? 0) + (samples[i - perPixel] ?? 0); // wraps as the type does
    }
  }
}

function copyBlock(
  from: Samples,
  to: Samples,
  { width, height, numSamples, isPlanar, blockWidth }: TiffPage,
  { y, x, rows, sample }: { y: number; x: number; rows: number; sample: number },
): void {
  const columns = Math.min(blockWidth, width - x);
  const perPixel = isPlanar ? 1 : numSamples;
  for (let row = 0; row < Math.min(rows, height - y); row++) {
    const start = row * blockWidth * perPixel;
    const target = ((y + row) * width + x) * numSamples;
    if (!isPlanar || numSamples === 1) {
      to.set(from.subarray(start, start + columns * perPixel), target);
    } else {
      for (let i = 0; i < columns; i++) to[target + i * numSamples + sample] = from[start + i] ?? 0;
    }
  }
}
