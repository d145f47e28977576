import { readdirSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CopyStream, liveBytes, liveTensors, scope } from "@cell-observatory/engine";
import type { Batch } from "../../src/data/batch.ts";
import { Dataloader } from "../../src/data/loader/dataloader.ts";
import { imageOf, labelsOf } from "../../src/data/loader/on-device.ts";
import { trainingSampler } from "../../src/data/loader/sampler.ts";
import { splitHypercubes } from "../../src/data/loader/split.ts";
import { tableOf, voxelAt } from "../../src/data/loader/tiles.fixture.ts";
import { HypercubeSource } from "../../src/data/source/hypercube-source.ts";
import { writeLabelledTile } from "../../src/data/source/labelled-tile.fixture.ts";
import { RandomStream } from "../../src/rng/random-stream.ts";

export interface SoakResult {
  readonly batches: number;
  /** How often the loop over an epoch was left half-way. */
  readonly left: number;
  readonly skipped: number;
  readonly cachedChunks: number;
  readonly missingLabelChunks: number;
  /** From half-way on; of native memory how far it grew steadily. */
  readonly grown: Holdings;
  readonly freeSlots: number;
}

interface Holdings {
  /** Resident memory outside of JavaScript's heap. */
  readonly nativeBytes: number;
  readonly heapBytes: number;
  readonly arrayBytes: number;
  readonly tensors: number;
  readonly tensorBytes: number;
  readonly openFiles: number;
}

export const numSlots = 4;
const numWindows = 20;

/**
 * Reads so many batches in an order of this seed, of images with labels and with damage in both,
 * through cache, slots and the device's buffer, and compares every voxel with what was written;
 * loops end by themselves, by leaving, by an error in a step, and by a signal.
 */
export async function soakedLoader(batches: number, seed: number): Promise<SoakResult> {
  const { table, voxelOf, remove } = await damagedImages();
  const source = new HypercubeSource({
    cubeShape: [1, 4, 4, 4],
    channels: null,
    numChannels: 1,
    missingChunks: "fill",
    cacheBytes: 8192, // a few of the chunks: it must give some up
    labels: "array",
  });
  const split = await splitHypercubes(table, { fraction: 0, seed: 0 });
  const order = { seed, shuffle: true, crop: "random", samplesPerEpoch: 400 } as const;
  const locality = { edge: 8, window: 2 };
  const sampler = trainingSampler(table, split, { ...order, locality });
  const settings = { batchSize: 4, lastBatch: "pad", num_slots: numSlots, read_ahead: 2 } as const;
  const policy = { read_failure_policy: "skip", max_skipped: 1, timeout_s: 3600 } as const;
  const copyTo = new CopyStream("cpu");
  const loader = new Dataloader({ ...settings, ...policy, copyTo }, source, sampler);
  const rng = new RandomStream({ seed, purpose: "soak", epoch: 0, index: 0 });
  let [done, left] = [0, 0];
  const windows: Holdings[] = [];
  try {
    for (let epoch = 0; done < batches; epoch++) {
      const endsAfter = rng.integer(1, 200); // an epoch has 100
      const stop = new AbortController();
      let inEpoch = 0;
      try {
        for await (const batch of loader.epoch(epoch, { signal: stop.signal })) {
          scope(() => checkVoxels(batch, voxelOf));
          done += 1;
          inEpoch += 1;
          if (inEpoch < endsAfter) continue;
          left += 1;
          if (endsAfter % 3 === 0) break;
          if (endsAfter % 3 === 1) throw new Error("the step failed");
          stop.abort(new Error("stop"));
        }
      } catch (error) {
        if (!(error instanceof Error && /^(the step failed|stop)$/.test(error.message)))
          throw error;
      }
      if (done >= (batches * windows.length) / numWindows) windows.push(holdings());
    }
    return {
      batches: done,
      left,
      skipped: loader.statistics.totals.skipped,
      cachedChunks: loader.statistics.totals.cachedChunks,
      missingLabelChunks: loader.statistics.totals.missingLabelChunks,
      grown: grownIn(windows.slice(windows.length >> 1)),
      freeSlots: loader.numFreeSlots,
    };
  } finally {
    await remove();
  }
}

/**
 * How far these grew from the first to the last. Resident memory takes single steps of 30 to 50 MB,
 * at any time, that do not come again: there a leak is what the middle one of all windows grows by.
 */
function grownIn(windows: readonly Holdings[]): Holdings {
  const [before, after] = [windows[0], windows.at(-1)];
  if (before === undefined || after === undefined) throw new RangeError("no windows");
  const steps = windows.slice(1).map(({ nativeBytes }, at) => {
    return nativeBytes - (windows[at]?.nativeBytes ?? 0);
  });
  const middle = steps.toSorted((a, b) => a - b)[steps.length >> 1] ?? 0;
  return {
    nativeBytes: middle * steps.length,
    heapBytes: after.heapBytes - before.heapBytes,
    arrayBytes: after.arrayBytes - before.arrayBytes,
    tensors: after.tensors - before.tensors,
    tensorBytes: after.tensorBytes - before.tensorBytes,
    openFiles: after.openFiles - before.openFiles,
  };
}

type VoxelOf = (folder: string, z: number, y: number, x: number) => readonly [number, number];

/** Every voxel and label of the samples that count is the one on disk. */
function checkVoxels(batch: Batch, voxelOf: VoxelOf): void {
  const voxels = imageOf(batch, "cpu").to({ dtype: "float32" }).data();
  const labels = labelsOf(batch, "cpu")?.data();
  batch.records.forEach(({ server_folder }, row) => {
    if (!batch.rowIsValid[row]) return;
    const [, z = 0, y = 0, x = 0] = batch.origins[row] ?? [];
    for (let at = 0; at < 64; at++) {
      const place = [z + (at >> 4), y + ((at >> 2) & 3), x + (at & 3)] as const;
      const found = [voxels[64 * row + at], labels?.[64 * row + at]];
      const wanted = voxelOf(server_folder, ...place);
      if (found[0] === wanted[0] && found[1] === wanted[1]) continue;
      throw new Error(`${batch.sampleIds[row]} has ${found}, not ${wanted}, at z y x ${place}`);
    }
  });
}

/** Images of two number types with labels; chunks of some are damaged, or not there. */
async function damagedImages() {
  const sizes = { image: [4, 16, 16], cube: [4, 4, 4] } as const;
  const kinds = ["uint16", "uint8", "uint16", "uint16", "uint8", "uint16"] as const;
  const labelAt = (i: number) => (i >> 3) % 9;
  const tiles = await Promise.all(
    kinds.map((voxels) => writeLabelledTile({ ...sizes, voxels, labelAt })),
  );
  const numbers = new Map(tiles.map(({ folder }, tile) => [folder, tile]));
  const voxelOf: VoxelOf = (folder, z, y, x) => {
    const tile = numbers.get(folder) ?? -1;
    const [isMissing, hasNoLabel] = [
      tile === 2 && y >> 2 === 1 && x >> 2 === 1,
      tile === 4 && y >> 2 === 1 && x >> 2 === 2,
    ];
    const value = voxelAt(0, z, y, x, 0);
    const voxel = kinds[tile] === "uint8" ? value % 251 : value;
    return [isMissing ? 0 : voxel, hasNoLabel ? 0 : labelAt((z * 16 + y) * 16 + x)];
  };
  const chunkOf = (tile: number) => join(tiles[tile]?.folder ?? "", "tile.ome.zarr/0/c/0/0/1/1/0");
  await writeFile(chunkOf(0), "damage");
  await writeFile(chunkOf(1), "damage");
  await rm(chunkOf(2));
  await writeFile(tiles[3]?.labelChunk(0, 2, 2) ?? "", "damage");
  await rm(tiles[4]?.labelChunk(0, 1, 2) ?? "");
  const records = tiles.flatMap(({ records }) =>
    records.map((record) => ({ ...record, labels_path: "labels/cells" })),
  );
  const remove = async () => {
    for (const tile of tiles) await tile.remove();
  };
  return { table: await tableOf(records), voxelOf, remove };
}

/** What the process holds, once garbage is gone. */
function holdings(): Holdings {
  globalThis.gc?.();
  globalThis.gc?.(); // arrays that the first one found are counted until their sweep is over
  const { rss, heapUsed, heapTotal, arrayBuffers } = process.memoryUsage();
  return {
    nativeBytes: rss - heapTotal,
    heapBytes: heapUsed,
    arrayBytes: arrayBuffers,
    tensors: liveTensors(),
    tensorBytes: liveBytes(),
    openFiles: readdirSync("/proc/self/fd").length,
  };
}
