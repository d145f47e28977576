import { join } from "node:path";
import { ZarrError } from "@cell-observatory/zarr";
import { imageAxes, shapeAlong } from "../axes.ts";
import { DataError } from "../errors.ts";
import type { ImageSource } from "../import/image-source.ts";
import { zarrSource } from "../import/zarr-source.ts";
import { newSamples, sampleBytes } from "../tiff/samples.ts";
import { type Cell, planCells } from "./cells.ts";
import { type Block, countCell } from "./count-cell.ts";
import { countMissing } from "./count-missing.ts";
import type { ImageDescription } from "./describe-image.ts";
import type { GridPlaces } from "./grid.ts";
import type { ScanLog } from "./scan-log.ts";

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
