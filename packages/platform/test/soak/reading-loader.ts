// Reads batches into 64 MiB of slots until it is killed; says "reading" once the first one is there.

import { Dataloader } from "../../src/data/loader/dataloader.ts";
import { trainingSampler } from "../../src/data/loader/sampler.ts";
import { splitHypercubes } from "../../src/data/loader/split.ts";
import { recordAt, tableOf } from "../../src/data/loader/tiles.fixture.ts";
import { noCounts } from "../../src/data/source/counts.ts";

const cube = [1, 64, 128, 128] as const;
const table = await tableOf([recordAt("/", [0, 0, 0, 0], cube, [...cube, 1])]);
const split = await splitHypercubes(table, { fraction: 0, seed: 0 });
const order = { seed: 1, shuffle: true, crop: "grid", samplesPerEpoch: 1e9 } as const;
const report = { ...noCounts, chunks: 1, validSize: cube, validChannels: 1, unread: [] };
const source = {
  shape: [...cube, 1],
  dtype: "uint16",
  hasLabels: false,
  expect: async () => [],
  read: async (_: unknown, target: { fill(value: number): unknown }) => {
    target.fill(7); // every page of the slot is there
    return { ...report, classOf: () => 0 };
  },
} as const;
const settings = { batchSize: 8, lastBatch: "keep", num_slots: 4, read_ahead: 2 } as const;
const policy = { read_failure_policy: "raise", max_skipped: 0, timeout_s: 3600 } as const;
const loader = new Dataloader(
  { ...settings, ...policy },
  source,
  trainingSampler(table, split, order),
);
for await (const { number } of loader.epoch(0)) if (number === 0) console.log("reading");
