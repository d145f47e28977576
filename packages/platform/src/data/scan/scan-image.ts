import { join } from "node:path";
import { openArray, ZarrError } from "@cell-observatory/zarr";
import { imageAxes, shapeAlong } from "../axes.ts";
import { combinations } from "../combinations.ts";
import { DataError } from "../errors.ts";
import type { Box, ImageSource } from "../import/image-source.ts";
import { zarrSource } from "../import/zarr-source.ts";
import { newSamples, type Samples, sampleBytes } from "../tiff/samples.ts";
import { type Cell, planCells, sizeOf, startOf } from "./cells.ts";
import type { ImageDescription } from "./describe-image.ts";
import type { GridPlaces } from "./grid.ts";
import { type CountPairs, Histogram } from "./histogram.ts";
import { boxesText, labelBoxes } from "./label-boxes.ts";
import type { ScanLog, ScannedCell, ScannedCube } from "./scan-log.ts";

export interface ScanOptions {
  /** Sizes of the largest hypercubes, and their least distance. */
  readonly cubeShape: readonly number[];
  readonly strides: readonly number[];
  /** Memory for voxels: a cell that is counted, and the next one that is read meanwhile. */
  readonly memoryBytes: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number) => void) | undefined;
}

/**
 * Reads the voxels of an image once, and writes to the log what each hypercube has: how often each
 * count occurs in each frame, and the boxes of cells. Cells that are in the log are not read again.
 *
 * @throws {@link DataError} DATA_DTYPE for voxels that are no 8- or 16-bit counts; DATA_CHUNK.
 */
export async function scanImage(
  image: ImageDescription,
  places: GridPlaces,
  log: ScanLog,
  { cubeShape, strides, memoryBytes, signal, onProgress }: ScanOptions,
): Promise<void> {
  await using voxels = await zarrSource(image.path, {});
  const { sampleType } = voxels;
  if (sampleType !== "uint8" && sampleType !== "uint16") {
    const message = `${image.path} holds ${sampleType}; a catalogue counts uint8 and uint16`;
    throw new DataError("DATA_DTYPE", message);
  }
  const { path, labelsPath } = image; // labels have a voxel for each of the image's
  await using labels = labelsPath === null ? null : await zarrSource(join(path, labelsPath), {});
  const labelBytes = labels ? sampleBytes(labels.sampleType) : 0;
  const cells = planCells(image.shape, places, {
    chunkShape: shapeAlong(image.array.shardShape ?? image.array.chunkShape, image.axes, imageAxes),
    cubeShape,
    strides,
    voxelBytes: sampleBytes(sampleType) * image.shape[4] + labelBytes,
    cellBytes: memoryBytes / 2,
  });
  const read = (cell: Cell) => readCell(cell, voxels, labels, signal);
  const { numCells } = log;
  const rest = cells.slice(numCells);
  let reading = rest[0] ? read(rest[0]) : null;
  reading?.catch(() => {}); // awaited in its turn
  for (const [i, cell] of rest.entries()) {
    signal?.throwIfAborted();
    const block = await reading;
    if (!block) break;
    const next = rest[i + 1];
    reading = next ? read(next) : null;
    reading?.catch(() => {});
    const missingChunks = block.hasMissing ? await countMissing(image, cell.own) : 0;
    try {
      await log.add(countCell(cell, block, { places, shape: image.shape, missingChunks }));
    } catch (error) {
      await reading?.catch(() => {}); // it writes to memory
      throw error;
    }
    onProgress?.((numCells + i + 1) / cells.length);
  }
}

interface Block {
  /** [T C Z Y X] */
  readonly voxels: Samples;
  /** [T Z Y X] */
  readonly labels: Samples | null;
  readonly hasMissing: boolean;
}

async function readCell(
  { read }: Cell,
  voxels: ImageSource,
  labels: ImageSource | null,
  signal: AbortSignal | undefined,
): Promise<Block> {
  const count = read.shape.reduce((a, b) => a * b, 1);
  const into = newSamples(voxels.sampleType, count * voxels.shape[4]);
  const ids = labels ? newSamples(labels.sampleType, count) : null;
  const before = voxels.missingChunks;
  const options = signal ? { signal } : {};
  const reads = await Promise.allSettled([
    unlessDamaged(voxels.read(read, into, options)),
    labels && ids ? unlessDamaged(labels.read(read, ids, options)) : null,
  ]);
  for (const one of reads) if (one.status === "rejected") throw one.reason;
  return { voxels: into, labels: ids, hasMissing: voxels.missingChunks > before };
}

async function unlessDamaged(read: Promise<void>): Promise<void> {
  try {
    await read;
  } catch (cause) {
    if (!(cause instanceof ZarrError) || cause.code === "ZARR_INTERNAL") throw cause;
    throw new DataError("DATA_CHUNK", cause.message, {
      hint: "`cello data check` lists every chunk that is damaged; restore the files, or remove them.",
      cause,
    });
  }
}

interface Counting {
  readonly places: GridPlaces;
  readonly shape: readonly number[];
  readonly missingChunks: number;
}

function countCell(
  { own, read, cubes }: Cell,
  { voxels, labels }: Block,
  { places, shape, missingChunks }: Counting,
): ScannedCell {
  const numChannels = shape[4] ?? 1;
  const histogram = new Histogram();
  const count = (box: Box, channel: number): CountPairs => {
    countBox(histogram, { voxels, read, numChannels }, box, channel);
    const found = histogram.pairs();
    histogram.clear();
    return found;
  };
  const channels = Array.from({ length: numChannels }, (_, c) => c);
  return {
    missingChunks,
    own: channels.map((c) => count(own, c)),
    cubes: cubes.map((index): ScannedCube => {
      const place = places.at(index);
      const [origin, size] = [startOf(place), sizeOf(place)];
      const frames = Array.from({ length: size[0] }, (_, t) => t);
      const [, z, y, x] = origin;
      const from = origin.map((start, axis) => start - (read.origin[axis] ?? 0));
      const [t0 = 0, z0 = 0, y0 = 0, x0 = 0] = from;
      const region = { shape: read.shape, from: [t0, z0, y0, x0] as const, size };
      return {
        index,
        histograms: channels.map((c) =>
          frames.map((t) =>
            count({ origin: [origin[0] + t, z, y, x], shape: [1, size[1], size[2], size[3]] }, c),
          ),
        ),
        boxes: labels ? boxesText(labelBoxes({ labels, ...region }), numChannels) : null,
      };
    }),
  };
}

function countBox(
  histogram: Histogram,
  {
    voxels,
    read,
    numChannels,
  }: { readonly voxels: Samples; readonly read: Box; readonly numChannels: number },
  { origin, shape }: Box,
  channel: number,
): void {
  const [t0, z0, y0, x0] = origin.map((start, axis) => start - (read.origin[axis] ?? 0)) as [
    number,
    number,
    number,
    number,
  ];
  const [, Z, Y, X] = read.shape;
  const counts = voxels as Uint16Array | Uint8Array; // checked by who reads them
  for (let t = t0; t < t0 + shape[0]; t++) {
    for (let z = z0; z < z0 + shape[1]; z++) {
      const plane = ((t * numChannels + channel) * Z + z) * Y;
      for (let y = y0; y < y0 + shape[2]; y++) {
        const row = (plane + y) * X + x0;
        histogram.addRow(counts, row, row + shape[3]);
      }
    }
  }
}

/** Chunks that are not there, of those that begin in the box: cells count each chunk once. */
async function countMissing({ array, axes, shape }: ImageDescription, own: Box): Promise<number> {
  const opened = await openArray(array.path);
  const start = { T: own.origin[0], Z: own.origin[1], Y: own.origin[2], X: own.origin[3], C: 0 };
  const size = { T: own.shape[0], Z: own.shape[1], Y: own.shape[2], X: own.shape[3], C: shape[4] };
  const firsts = [...axes].map((axis, i) => {
    const [from, many] = [start[axis as "T"], size[axis as "T"]];
    const chunk = opened.chunkShape[i] ?? 1;
    const list: number[] = [];
    for (let at = Math.ceil(from / chunk) * chunk; at < from + many; at += chunk) list.push(at);
    return list;
  });
  let missing = 0;
  const one = firsts.map(() => 1);
  const memory = newSamples("float64", 2); // one element of any type
  const bytes = new Uint8Array(memory.buffer);
  for (const origin of combinations(firsts)) {
    const report = await opened.readInto(bytes, { origin, shape: one });
    missing += report.missingChunks;
  }
  return missing;
}
