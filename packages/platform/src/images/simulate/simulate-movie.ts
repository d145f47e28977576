import { open } from "node:fs/promises";
import { join } from "node:path";
import type { Chunking } from "../volume/chunking.ts";
import { NewImage } from "../volume/new-image.ts";
import { writing } from "../volume/writing.ts";
import type { Block } from "./block-planes.ts";
import { BlockThreads } from "./block-threads.ts";
import { type Cell, packCells } from "./cell.ts";
import { MovieConfig } from "./movie-config.ts";
import { blocksOf, labelBytes, type MoviePlan, planMovie, voxelBytes } from "./plan-movie.ts";
import { populate } from "./population.ts";
import { RunningWork } from "./running-work.ts";
import { tracksName, writeTracks } from "./tracks.ts";

export interface SimulateOptions {
  readonly signal?: AbortSignal;
  /** Called after each block with the part of the movie that is done, 0 to 1. */
  readonly onProgress?: (done: number) => void;
  readonly numThreads?: number;
  /** Most memory that blocks under way may take together. */
  readonly memoryBytes?: number;
}

export interface SimulatedMovie {
  readonly numVoxels: number;
  readonly numCells: number;
  readonly numDivisions: number;
  readonly seconds: number;
}

/**
 * Simulates a light-sheet movie into an OME-Zarr image at `path`: counts, exact instance labels
 * (`labels/cells`, ids persistent over time) and tracks (`tracks.csv`).
 *
 * Blocks are rendered on threads and written as they are done: memory does not grow with the movie.
 * The voxels depend on the config alone, not on threads, memory or order.
 *
 * @throws {@link DataError} DATA_EXISTS, DATA_SIMULATION; ZarrError when it cannot be written.
 */
export async function simulateMovie(
  given: MovieConfig,
  path: string,
  options: SimulateOptions = {},
): Promise<SimulatedMovie> {
  const config = MovieConfig.parse(given);
  const plan = planMovie(config, options);
  const began = performance.now();
  await using movie = await NewImage.create(path, {
    name: "simulated light-sheet movie",
    shape: config.shape,
    ...plan.chunking,
    dtype: "uint16",
    labelsDtype: "uint32",
    voxelSizeUm: config.voxel_size_um,
    frameIntervalS: config.frame_interval_s,
    channelNames: ["nuclei"],
    attributes: {
      source: "cello data simulate",
      is_synthetic: true,
      hpf: config.hpf,
      movie: config,
    },
  });
  const counts = await renderMovie(config, movie, plan, options);
  await movie.commit();
  const numVoxels = config.shape.reduce((product, size) => product * size, 1);
  return { numVoxels, ...counts, seconds: (performance.now() - began) / 1000 };
}

async function renderMovie(
  config: MovieConfig,
  movie: NewImage,
  { chunking, numThreads }: MoviePlan,
  { signal, onProgress }: SimulateOptions,
): Promise<{ numCells: number; numDivisions: number }> {
  await using threads = new BlockThreads(config, numThreads);
  const tracksPath = join(movie.folder, tracksName);
  await using tracks = await writing(tracksPath, () => open(tracksPath, "w"));
  const blocksPerFrame = [...blocksOf(config, chunking, 0)].length;
  const slots = newSlots(chunking, numThreads + 1);
  const running = new RunningWork();
  let [numDone, numCells, numDivisions] = [0, 0, 0];
  const seen = new Set<number>();
  try {
    let t = 0;
    for (const cells of populate(config)) {
      await writing(tracksPath, () => writeTracks(tracks, t, cells, config));
      const packed = packCells(cells);
      numDivisions += countNewborns(cells, seen);
      numCells = seen.size;
      for (const block of blocksOf(config, chunking, t)) {
        signal?.throwIfAborted();
        while (slots.length === 0) await running.oneDone();
        const slot = slots.pop();
        if (!slot) throw new RangeError("no slot is free");
        const work = renderBlock(movie, threads, { packed, block, slot }, signal).finally(() => {
          slots.push(slot);
          onProgress?.(++numDone / (blocksPerFrame * config.shape[0]));
        });
        running.add(work);
      }
      t += 1;
    }
    await running.allDone();
  } finally {
    await running.allSettled();
  }
  return { numCells, numDivisions };
}

interface BlockSlot {
  readonly image: Uint16Array<SharedArrayBuffer>;
  readonly labels: Uint32Array<SharedArrayBuffer>;
}

function newSlots({ shardShape }: Chunking, count: number): BlockSlot[] {
  const voxels = shardShape.reduce((product, size) => product * size, 1);
  return Array.from({ length: count }, () => ({
    image: new Uint16Array(new SharedArrayBuffer(voxels * voxelBytes)),
    labels: new Uint32Array(new SharedArrayBuffer(voxels * labelBytes)),
  }));
}

async function renderBlock(
  movie: NewImage,
  threads: BlockThreads,
  {
    packed,
    block,
    slot,
  }: { packed: Float64Array<SharedArrayBuffer>; block: Block; slot: BlockSlot },
  signal: AbortSignal | undefined,
): Promise<void> {
  const { t, zStart, yStart, xStart, depth, height, width } = block;
  const length = depth * height * width;
  const image = slot.image.subarray(0, length);
  const labels = slot.labels.subarray(0, length);
  await threads.render({ cells: packed, block, image, labels });
  const region = {
    origin: [t, 0, zStart, yStart, xStart],
    shape: [1, 1, depth, height, width],
    ...(signal && { signal }),
  };
  await Promise.all([movie.image.write(image, region), movie.labels?.write(labels, region)]);
}

/** Pairs of daughters that are seen for the first time. */
function countNewborns(cells: readonly Cell[], seen: Set<number>): number {
  let newborns = 0;
  for (const { id, parent } of cells) {
    if (!seen.has(id) && parent !== 0) newborns += 1;
    seen.add(id);
  }
  return newborns / 2;
}
