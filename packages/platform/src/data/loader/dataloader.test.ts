import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { setThreads, threads } from "@cell-observatory/zarr";
import type { Batch } from "../batch.ts";
import { noCounts } from "../source/counts.ts";
import { HypercubeSource, type SampleSource } from "../source/hypercube-source.ts";
import type { SourceReport } from "../source/source-config.ts";
import { Dataloader } from "./dataloader.ts";
import type { DataloaderConfig } from "./dataloader-config.ts";
import { trainingSampler, validationSampler } from "./sampler.ts";
import { everyRow, type TileFixture, voxelAt, writeTile } from "./tiles.fixture.ts";

let tile: TileFixture;
before(async () => {
  tile = await writeTile({ shape: [4, 4, 16, 16, 1] });
});
after(() => tile.remove());

const settings: DataloaderConfig = {
  batchSize: 4,
  lastBatch: "drop",
  num_slots: 3,
  read_ahead: 2,
  timeout_s: 3600,
  read_failure_policy: "raise",
  max_skipped: 1,
};

const fake = {
  shape: [1, 4, 4, 4, 1],
  dtype: "uint16",
  hasLabels: false,
  expect: async () => [],
} as const;

function newLoader(
  given: Partial<DataloaderConfig> = {},
  from = tile,
  source: SampleSource = new HypercubeSource({
    cubeShape: [1, 4, 4, 4],
    channels: null,
    numChannels: 1,
    missingChunks: "fill",
  }),
): Dataloader {
  const { table } = from;
  const config = { seed: 1, shuffle: true, crop: "random", samplesPerEpoch: null } as const;
  return new Dataloader(
    { ...settings, ...given },
    source,
    trainingSampler(table, everyRow(table), config),
  );
}

/** What a batch holds, in a form that outlives it. */
const contents = ({ voxels, sampleIds, number }: Batch) => ({
  number,
  sampleIds,
  voxels: [...voxels],
});

async function all(loader: Dataloader, epoch: number, from = 0, signal?: AbortSignal) {
  const batches = [];
  const options = { from, ...(signal && { signal }) };
  for await (const batch of loader.epoch(epoch, options)) batches.push(contents(batch));
  return batches;
}

test("every voxel of a batch is the one on disk, at the place that the batch says", async () => {
  const loader = newLoader();
  for await (const { voxels, origins } of loader.epoch(0)) {
    origins.forEach(([t, z, y, x], row) => {
      for (let i = 0; i < 64; i++) {
        const wanted = voxelAt(t, z + (i >> 4), y + ((i >> 2) & 3), x + (i & 3), 0);
        assert.equal(voxels[row * 64 + i], wanted);
      }
    });
  }
  assert.equal(loader.numFreeSlots, 3);
  const { readMs, storageMs, decodeMs } = loader.statistics.totals;
  assert.ok(readMs > 0 && storageMs > 0 && decodeMs > 0, `${readMs}, ${storageMs}, ${decodeMs}`);
});

test("an epoch that is continued anywhere goes on with the same batches", async () => {
  const whole = await all(newLoader(), 3);
  assert.equal(whole.length, newLoader().batchesPerEpoch);
  for (const from of [1, 7, whole.length - 1, whole.length]) {
    assert.deepEqual(await all(newLoader(), 3, from), whole.slice(from));
  }
  assert.notDeepEqual((await all(newLoader(), 4))[0], whole[0]);
});

test("threads, slots, read-ahead and ranks do not change what is read", async () => {
  const before = threads();
  const whole = await all(newLoader(), 0);
  for (const num_threads of [1, 5, before]) {
    assert.deepEqual(await all(newLoader({ num_threads }), 0), whole);
  }
  assert.deepEqual(await all(newLoader({ num_slots: 1, read_ahead: 0 }), 0), whole);
  const ranks = [0, 1].map((rank) => newLoader({ batchSize: 2, worldSize: 2, rank }));
  const halves = await Promise.all(ranks.map((loader) => all(loader, 0)));
  whole.forEach(({ sampleIds }, number) => {
    const ids = halves.flatMap((half) => half[number]?.sampleIds ?? []);
    assert.deepEqual([...ids].sort(), [...sampleIds].sort());
  });
});

test("slots come back however the loop is left", async () => {
  const loader = newLoader();
  for await (const batch of loader.epoch(0)) {
    assert.ok(batch.number === 0);
    break;
  }
  assert.equal(loader.numFreeSlots, 3);
  await assert.rejects(async () => {
    for await (const _ of loader.epoch(0)) throw new Error("the step failed");
  }, /the step failed/);
  assert.equal(loader.numFreeSlots, 3);
  const stop = new AbortController();
  await assert.rejects(async () => {
    for await (const _ of loader.epoch(0, { signal: stop.signal })) stop.abort(new Error("stop"));
  }, /^Error: stop$/);
  assert.equal(loader.numFreeSlots, 3);
});

test("the last batch of an epoch is left out or smaller, as the policy says", async () => {
  const sizes = async (lastBatch: DataloaderConfig["lastBatch"]) =>
    (await all(newLoader({ batchSize: 5, lastBatch }), 0)).map((b) => b.sampleIds.length);
  assert.deepEqual(await sizes("drop"), Array(12).fill(5));
  assert.deepEqual(await sizes("keep"), [...Array(12).fill(5), 4]);
  assert.deepEqual(await sizes("pad"), Array(13).fill(5));
  assert.throws(() => newLoader({ batchSize: 65 }), {
    code: "DATA_EMPTY",
    message: "64 samples make no batches of 65 samples",
  });
});

test("rows that fill the last batch repeat its first row and are not valid, on every rank", async () => {
  const last = async (options: Partial<DataloaderConfig>) => {
    const loader = newLoader({ lastBatch: "pad", ...options });
    for await (const batch of loader.epoch(0, { from: loader.batchesPerEpoch - 1 })) {
      const [B] = batch.shape;
      const rows = Array.from({ length: B }, (_, row) => [
        ...batch.voxels.subarray(row * 64, (row + 1) * 64),
      ]);
      return { ...batch, rows };
    }
    throw new Error("there was no last batch");
  };
  const { rows, rowIsValid, sampleIds, samples } = await last({ batchSize: 5 }); // 64 = 12 * 5 + 4
  assert.deepEqual(rowIsValid, [true, true, true, true, false]);
  assert.deepEqual([rows[4], sampleIds[4], samples[4]], [rows[0], sampleIds[0], samples[0]]);
  const ranks = { batchSize: 7, worldSize: 9 }; // 64 = 63 + 1: one sample for nine ranks
  const first = await last({ ...ranks, rank: 0 });
  assert.deepEqual(first.rowIsValid, [true, ...Array(6).fill(false)]);
  const other = await last({ ...ranks, rank: 5 });
  assert.deepEqual(other.rowIsValid, Array(7).fill(false));
  assert.deepEqual(other.rows, first.rows);
});

test("a cache, bricks and threads change neither what is read nor in which order", async () => {
  const of = (cacheBytes: number, given: Partial<DataloaderConfig> = {}) => {
    const config = { channels: null, numChannels: 1, missingChunks: "fill" } as const;
    const source = new HypercubeSource({ ...config, cubeShape: [1, 4, 4, 4], cacheBytes });
    const order = { seed: 1, shuffle: true, crop: "random", samplesPerEpoch: 150 } as const;
    const locality = { edge: 8, window: 2 };
    const sampler = trainingSampler(tile.table, everyRow(tile.table), { ...order, locality });
    return new Dataloader({ ...settings, ...given }, source, sampler);
  };
  const before = threads();
  const whole = await all(of(0), 2);
  const cached = of(2 ** 20);
  assert.deepEqual(await all(cached, 2), whole);
  assert.ok(cached.statistics.totals.cachedChunks > 100);
  for (const num_threads of [1, 2, 7]) {
    assert.deepEqual(await all(of(2 ** 20, { num_threads }), 2), whole);
  }
  setThreads(before);
  for (const from of [1, 20, 36]) {
    assert.deepEqual(await all(of(4096, { read_ahead: 0 }), 2, from), whole.slice(from));
  }
});

test("a damaged chunk ends the loop, or other samples are read and all counts add up", async () => {
  const damaged = await writeTile({ shape: [4, 4, 16, 16, 1] });
  for (const t of ["0", "1"]) {
    const chunk = join(damaged.folder, "tile.ome.zarr", "0", "c", t, "0", "1", "1", "0");
    await writeFile(chunk, "damage");
  }
  await rm(join(damaged.folder, "tile.ome.zarr", "0", "c", "3", "0"), { recursive: true });
  const raises = newLoader({}, damaged);
  await assert.rejects(all(raises, 0), {
    code: "DATA_CHUNK",
    message: /cannot be read|are missing/,
  });
  assert.equal(raises.numFreeSlots, 3);

  const loader = newLoader({ read_failure_policy: "skip" }, damaged);
  const skipped: string[] = [];
  for await (const { report, origins, voxels, sampleIds } of loader.epoch(0)) {
    skipped.push(...report.skipped.map(({ sampleId }) => sampleId));
    assert.ok(report.skipped.every(({ sampleId }) => !sampleIds.includes(sampleId)));
    origins.forEach(([t, z, y, x], row) => {
      if (t === 3) assert.fail("a crop of nothing but missing chunks was passed on");
      assert.equal(voxels[row * 64], voxelAt(t, z, y, x, 0));
    });
  }
  const { tried, delivered, skipped: numSkipped } = loader.statistics.totals;
  assert.equal(delivered, 64);
  assert.ok(numSkipped > 10);
  assert.equal(numSkipped, skipped.length);
  assert.equal(tried, delivered + numSkipped);

  const config = { cubeShape: [1, 4, 4, 4], channels: null, numChannels: 1 } as const;
  const masks = new HypercubeSource({ ...config, missingChunks: "fill", unreadable: "mask" });
  const masking = newLoader({ read_failure_policy: "mask" }, damaged, masks);
  for await (const { voxels, origins, unread } of masking.epoch(0)) {
    origins.forEach(([t, z, y, x], row) => {
      for (let i = 0; i < 64; i++) {
        const at = [0, i >> 4, (i >> 2) & 3, i & 3] as const;
        const isUnread = unread[row]?.some(({ from, to }) =>
          at.every((place, axis) => place >= (from[axis] ?? 0) && place < (to[axis] ?? 0)),
        );
        const wanted = isUnread ? 0 : voxelAt(t, z + at[1], y + at[2], x + at[3], 0);
        const isDamaged =
          t < 2 && y + at[2] >= 4 && y + at[2] < 8 && x + at[3] >= 4 && x + at[3] < 8;
        assert.equal(isUnread ?? false, isDamaged);
        assert.equal(voxels[row * 64 + i], wanted);
      }
    });
  }
  const { inPart, unreadChunks } = masking.statistics.totals;
  assert.ok(inPart > 5 && unreadChunks >= inPart);
  const limited = newLoader({ read_failure_policy: "mask", max_skipped: 0.02 }, damaged, masks);
  await assert.rejects(all(limited, 0), { code: "DATA_SKIPPED", message: /of them in part/ });

  const strict = newLoader({ read_failure_policy: "skip", max_skipped: 0.01 }, damaged);
  await assert.rejects(all(strict, 0), {
    code: "DATA_SKIPPED",
    message: /of \d+ samples could not/,
  });
  assert.equal(strict.numFreeSlots, 3);
  await damaged.remove();
});

test("a held-out sample that cannot be read is left out: none counts twice", async () => {
  const damaged = await writeTile({ shape: [4, 4, 16, 16, 1] });
  const image = join(damaged.folder, "tile.ome.zarr", "0", "c");
  for (const t of ["0", "2"]) await writeFile(join(image, t, "0", "1", "1", "0"), "damage");
  const { training } = everyRow(damaged.table);
  const config = { cubeShape: [1, 4, 4, 4], channels: null, numChannels: 1 } as const;
  const policy = { batchSize: 3, lastBatch: "keep", read_failure_policy: "skip" } as const;
  const said: string[] = [];
  const loader = new Dataloader(
    { ...settings, ...policy, say: (line) => said.push(line) },
    new HypercubeSource({ ...config, missingChunks: "error" }),
    validationSampler(damaged.table, { validation: training }),
  );
  const counted: string[] = [];
  const skipped: string[] = [];
  for await (const { sampleIds, rowIsValid, report } of loader.epoch(0)) {
    counted.push(...sampleIds.filter((_, row) => rowIsValid[row]));
    skipped.push(...report.skipped.map(({ sampleId }) => sampleId));
  }
  assert.deepEqual(skipped.sort(), ["roi/tile.ome.zarr@t0z0y4x4", "roi/tile.ome.zarr@t2z0y4x4"]);
  assert.deepEqual([counted.length, new Set(counted).size], [62, 62]);
  assert.deepEqual(loader.statistics.totals.delivered, 62);
  assert.equal(said.length, 1);
  assert.match(
    said[0] ?? "",
    /^epoch 0: 2 of 64 samples \(3\.1 %\) could not be read, and were skipped; the first: .*t0z0y4x4/,
  );
  await damaged.remove();
});

test("a batch that does not come in time is an error, though its read never ends", async () => {
  const stalled = { ...fake, read: () => new Promise<never>(() => {}) };
  const loader = newLoader({ timeout_s: 0.01, leave_s: 0.01 }, tile, stalled);
  await assert.rejects(all(loader, 0), {
    code: "DATA_TIMEOUT",
    message:
      /^batch 0 of epoch 0 was not read within 0\.01 s; 0 of 3 slots are free; it holds roi\/tile\.ome\.zarr@t\d+.* in .*tile\.ome\.zarr\/0, .* and 1 others$/,
  });
});

test("a loop that is left over stalled storage ends, and its slots come back with the reads", async () => {
  const reads: (() => void)[] = [];
  const report: SourceReport = {
    ...noCounts,
    chunks: 1,
    validSize: [1, 4, 4, 4],
    validChannels: 1,
    unread: [],
    classOf: () => 0,
  };
  const read = () => new Promise<typeof report>((resolve) => reads.push(() => resolve(report)));
  const loader = newLoader({ leave_s: 0.01 }, tile, { ...fake, read });
  const stop = new AbortController();
  const epoch = all(loader, 0, 0, stop.signal);
  stop.abort(new Error("stop"));
  await assert.rejects(epoch, /^Error: stop$/);
  assert.equal(loader.numFreeSlots, 0);
  for (const end of reads) end();
  await turn();
  assert.equal(loader.numFreeSlots, 3);
});

test("slots that memory has no room for are refused, with what they would take", () => {
  const source = {
    ...fake,
    shape: [1, 4096, 4096, 4096, 1],
    read: () => Promise.reject(),
  } as const;
  const large = () => newLoader({ num_slots: 3000, batchSize: 4 }, tile, source);
  assert.throws(large, {
    code: "DATA_MEMORY",
    message: "there is no memory for 3000 batches at once, which take 1536000.0 GiB",
    hint: /num_slots/,
  });
});

test("a loop that needs few slots stays with them", async () => {
  const used = new Set<number>();
  const loader = newLoader({ num_slots: 8, read_ahead: 1 });
  for await (const { voxels } of loader.epoch(0)) used.add(voxels.byteOffset);
  assert.ok(used.size <= 3, `${used.size} slots were used`);
});

test("the config's number of threads is the pool's", () => {
  const before = threads();
  newLoader({ num_threads: before + 2 });
  assert.equal(threads(), before + 2);
  setThreads(before);
});
