import assert from "node:assert/strict";
import { test } from "node:test";
import { configDifferences } from "./config-difference.ts";

test("keys that change what a step does make another run, wherever they are nested", () => {
  const saved = { seed: 1, optimizers: { lr: 1e-3, betas: [0.9, 0.99] } };
  const now = { seed: 1, optimizers: { lr: 2e-3, betas: [0.9, 0.95] }, task: "pretrain" };
  assert.deepEqual(configDifferences(saved, now), [
    { key: "optimizers.betas", saved: [0.9, 0.99], now: [0.9, 0.95] },
    { key: "optimizers.lr", saved: 1e-3, now: 2e-3 },
    { key: "task", saved: undefined, now: "pretrain" },
  ]);
});

test("the order of the samples makes another run; how they are read does not", () => {
  const saved = { datasets: { loader: { shuffle: true, num_slots: 4 } } };
  const now = { datasets: { loader: { shuffle: false, num_slots: 8 } } };
  assert.deepEqual(configDifferences(saved, now), [
    { key: "datasets.loader.shuffle", saved: true, now: false },
  ]);
});

test("a run goes on with less memory for chunks, and on other processors", () => {
  const saved = { datasets: { loader: { cache_bytes: 2 ** 28, numa: "distance" } } };
  const now = { datasets: { loader: { cache_bytes: 2 ** 20, numa: "off" } } };
  assert.deepEqual(configDifferences(saved, now), []);
});

test("another quarantine makes another run, unless other data are accepted", () => {
  const of = (quarantine_path: string | null) => ({ datasets: { databases: { quarantine_path } } });
  assert.deepEqual(configDifferences(of(null), of("q.json")), [
    { key: "datasets.databases.quarantine_path", saved: null, now: "q.json" },
  ]);
  assert.deepEqual(configDifferences(of(null), of("q.json"), { acceptsNewData: true }), []);
  const filtered = { datasets: { databases: { quarantine_path: "q.json", max_rois: 2 } } };
  assert.deepEqual(configDifferences(of(null), filtered, { acceptsNewData: true }), [
    { key: "datasets.databases.max_rois", saved: undefined, now: 2 },
  ]);
});

test("a run goes on in another queue, but not with another batch or on more ranks", () => {
  const saved = { clusters: { batch_size: 8, worker_nodes: 1, partition: "a", timelimit: "1:00" } };
  const now = { clusters: { batch_size: 8, worker_nodes: 2, partition: "b", timelimit: "9:00" } };
  assert.deepEqual(configDifferences(saved, now), [
    { key: "clusters.worker_nodes", saved: 1, now: 2 },
  ]);
});

test("length, logs, saves and paths may change when a run is continued", () => {
  const saved = { trainer: { epochs: 10 }, loggers: { logdir: "a" }, paths: { outdir: "x" } };
  const now = { trainer: { epochs: 20 }, loggers: { logdir: "b" }, paths: { outdir: "y" } };
  assert.deepEqual(configDifferences(saved, now), []);
});

test("a run's length may change also where the reference platform writes it", () => {
  const saved = { schedulers: { epochs: 10 }, trainer: { epochs: 10 } };
  const now = { schedulers: { epochs: 20 }, trainer: { epochs: 20 } };
  assert.deepEqual(configDifferences(saved, now), []);
});

test("a run goes on where its data were moved to; other filters make another run", () => {
  const databases = (server_folder_path: string | null, max_rois: number | null) => ({
    datasets: {
      databases: { catalogue_path: `${server_folder_path}/c`, server_folder_path, max_rois },
    },
  });
  assert.deepEqual(configDifferences(databases("/a", null), databases("/b", null)), []);
  assert.deepEqual(configDifferences(databases("/a", null), databases("/b", 2)), [
    { key: "datasets.databases.max_rois", saved: null, now: 2 },
  ]);
});

test("hooks that look on may come and go; one that changes a step makes another run", () => {
  const early = { name: "early_stop", patience: 2 };
  const decay = { name: "weight_decay_schedule" };
  const hooks = (...hooks_list: object[]) => ({ hooks: { hooks_list } });
  assert.deepEqual(configDifferences({}, hooks(early)), []);
  assert.deepEqual(configDifferences(hooks(early), hooks({ ...early, patience: 3 })), []);
  assert.deepEqual(configDifferences(hooks(early), hooks(early, decay)), [
    { key: "hooks.hooks_list", saved: [], now: [decay] },
  ]);
});
