import { readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CopyStream, liveBytes, liveTensors, scope } from "@cell-observatory/engine";
import { Dataloader } from "../../src/data/loader/dataloader.ts";
import { imageOf } from "../../src/data/loader/on-device.ts";
import { trainingSampler } from "../../src/data/loader/sampler.ts";
import { splitHypercubes } from "../../src/data/loader/split.ts";
import { writeTile } from "../../src/data/loader/tiles.fixture.ts";
import { RandomStream } from "../../src/data/rng/random-stream.ts";
import { HypercubeSource } from "../../src/data/source/hypercube-source.ts";

export interface SoakResult {
  readonly batches: number;
  /** How often the loop over an epoch was left half-way. */
  readonly left: number;
  readonly skipped: number;
  /** What there is now, beside what there was half-way. */
  readonly grown: Holdings;
  readonly freeSlots: number;
}

interface Holdings {
  /** Resident memory outside of JavaScript's heap, which grows in steps whatever is in it. */
  readonly nativeBytes: number;
  readonly heapBytes: number;
  readonly arrayBytes: number;
  readonly tensors: number;
  readonly tensorBytes: number;
  readonly openFiles: number;
}

export const numSlots = 4;

/**
 * Reads so many batches, of an image with damage, through cache, slots and the device's buffer;
 * loops end by themselves, by leaving, by an error in a step, and by a signal.
 */
export async function soakedLoader(batches: number): Promise<SoakResult> {
  const tile = await writeTile({ shape: [4, 4, 16, 16, 1] });
  await writeFile(join(tile.folder, "tile.ome.zarr/0/c/1/0/1/1/0"), "damage");
  const source = new HypercubeSource({
    cubeShape: [1, 4, 4, 4],
    channels: null,
    numChannels: 1,
    missingChunks: "fill",
    cacheBytes: 4096, // a few of the chunks: it must give some up
  });
  const split = await splitHypercubes(tile.table, { fraction: 0, seed: 0 });
  const order = { seed: 1, shuffle: true, crop: "random", samplesPerEpoch: 400 } as const;
  const locality = { edge: 8, window: 2 };
  const sampler = trainingSampler(tile.table, split, { ...order, locality });
  const settings = { batchSize: 4, lastBatch: "pad", num_slots: numSlots, read_ahead: 2 } as const;
  const policy = { read_failure_policy: "skip", max_skipped: 1, timeout_s: 3600 } as const;
  const copyTo = new CopyStream("cpu");
  const loader = new Dataloader({ ...settings, ...policy, copyTo }, source, sampler);
  const rng = new RandomStream({ seed: 1, purpose: "soak", epoch: 0, index: 0 });
  let [done, left] = [0, 0];
  let before: Holdings | null = null;
  try {
    for (let epoch = 0; done < batches; epoch++) {
      const endsAfter = rng.integer(1, 200); // an epoch has 100
      const stop = new AbortController();
      let inEpoch = 0;
      try {
        for await (const batch of loader.epoch(epoch, { signal: stop.signal })) {
          scope(() => void imageOf(batch, "cpu").select(0, 0));
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
      if (before === null && done >= batches / 2) before = holdings();
    }
    const after = holdings();
    const names = Object.keys(after) as (keyof Holdings)[];
    const grown = names.map((name) => [name, after[name] - (before?.[name] ?? 0)] as const);
    return {
      batches: done,
      left,
      skipped: loader.statistics.totals.skipped,
      grown: Object.fromEntries(grown) as unknown as Holdings,
      freeSlots: loader.numFreeSlots,
    };
  } finally {
    await tile.remove();
  }
}

/** What the process holds, once garbage is gone. */
function holdings(): Holdings {
  globalThis.gc?.();
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
