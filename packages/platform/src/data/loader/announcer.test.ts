import assert from "node:assert/strict";
import { before, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { HypercubeTable } from "../../database/index.ts";
import type { Sample } from "../sample.ts";
import { HypercubeSource } from "../source/hypercube-source.ts";
import { Announcer } from "./announcer.ts";
import { Dataloader } from "./dataloader.ts";
import { trainingSampler } from "./sampler.ts";
import { everyRow, recordAt, tableOf, writeTile } from "./tiles.fixture.ts";

let table: HypercubeTable;
const numSamples = 4000;
before(async () => {
  const shape = [1, 4, 4, 4 * numSamples, 1] as const;
  const places = Array.from({ length: numSamples }, (_, i) => 4 * i);
  table = await tableOf(places.map((x) => recordAt("/", [0, 0, 0, x], [1, 4, 4, 4], shape)));
});

const isAt = ({ origin }: Sample) => origin[3] / 4;

function announcerOf(
  expect: (place: number) => Promise<number>,
  rows = 2,
  stop = new AbortController(),
) {
  const order = { seed: 0, shuffle: false, crop: "grid", samplesPerEpoch: null } as const;
  const sampler = trainingSampler(table, everyRow(table), order);
  return new Announcer({
    source: { expect: async (samples) => await Promise.all(samples.map((s) => expect(isAt(s)))) },
    numBatches: numSamples / rows,
    samplesOf: (number) =>
      Array.from({ length: rows }, (_, row) => sampler.sampleAt(0, rows * number + row)),
    from: 0,
    signal: stop.signal,
  });
}

test("a batch waits for its own samples, whatever becomes of those behind it", async () => {
  const told: number[] = [];
  const announcer = announcerOf(async (place) => {
    told.push(place);
    if (place >= 10 && place < 100) await new Promise(() => {}); // storage never answers
    return place;
  });
  for (let number = 0; number < 5; number++) {
    assert.deepEqual(await announcer.takeAnnounced(number), [2 * number, 2 * number + 1]);
  }
  for (const late of [5, 6, 49]) void announcer.takeAnnounced(late);
  assert.deepEqual(await announcer.takeAnnounced(50), [100, 101]);
  assert.equal(new Set(told).size, told.length);
});

test("so many samples are announced ahead, a few of them at a time", async () => {
  let [underWay, most] = [0, 0];
  const told: number[] = [];
  const announcer = announcerOf(async (place) => {
    told.push(place);
    underWay += 1;
    most = Math.max(most, underWay);
    await turn();
    underWay -= 1;
    return place;
  });
  await announcer.takeAnnounced(0);
  while (underWay > 0) await turn();
  assert.deepEqual(
    told,
    Array.from({ length: 2 + 1024 }, (_, place) => place),
  );
  assert.ok(most <= 17, `${most} at once`);
  await announcer.takeAnnounced(1);
  while (underWay > 0) await turn();
  assert.equal(told.length, 2 + 1024 + 2); // the window has moved on
});

test("a sample that cannot be announced does not end the batches before it", async () => {
  const announcer = announcerOf((place) =>
    place === 700 ? Promise.reject(new Error("ZARR_BOUNDS")) : Promise.resolve(place),
  );
  for (let number = 0; number < 360; number++) {
    const [first, second] = await announcer.takeAnnounced(number);
    assert.equal(first, number === 350 ? undefined : 2 * number);
    assert.equal(second, 2 * number + 1);
  }
});

test("when the loop is left, nothing more is announced", async () => {
  let numTold = 0;
  const stop = new AbortController();
  const announcer = announcerOf(
    async (place) => {
      numTold += 1;
      await turn();
      return place;
    },
    2,
    stop,
  );
  await announcer.takeAnnounced(0);
  stop.abort(new Error("left"));
  const before = numTold;
  for (let i = 0; i < 100; i++) await turn();
  assert.equal(numTold, before);
});

test("an image smaller than its row is named when it is read, with a cache, and not before", async (t) => {
  const tile = await writeTile({ shape: [4, 4, 8, 16, 1] });
  t.after(tile.remove);
  const [first] = tile.records;
  assert.ok(first);
  const [, , , X, C] = first.tile_shape;
  // The catalogue says that the image is longer than it is on disk.
  const longer = tile.records.map((record) => ({
    ...record,
    tile_shape: [4, 4, 8, X + 8, C] as const,
  }));
  const records = longer.map((record, i) => (i === 20 ? { ...record, x_start: X + 4 } : record));
  const source = new HypercubeSource({
    cubeShape: [1, 4, 4, 4],
    channels: null,
    numChannels: 1,
    missingChunks: "error",
    cacheBytes: 2 ** 20,
  });
  const wrong = await tableOf(records);
  const order = { seed: 0, shuffle: false, crop: "grid", samplesPerEpoch: null } as const;
  const sampler = trainingSampler(wrong, everyRow(wrong), order);
  const config = {
    batchSize: 4,
    lastBatch: "drop",
    num_slots: 2,
    read_ahead: 0,
    timeout_s: 3600,
  } as const;
  const loader = new Dataloader(
    { ...config, read_failure_policy: "skip", max_skipped: 1 },
    source,
    sampler,
  );
  let read = 0;
  const epoch = async () => {
    for await (const { number } of loader.epoch(0)) read = number + 1;
  };
  await assert.rejects(epoch, {
    code: "DATA_SHAPE",
    message: /^sample roi\/tile\.ome\.zarr@t\d+z0y\d+x20 cannot be read: /,
  });
  assert.equal(read, 5); // those before it
});
