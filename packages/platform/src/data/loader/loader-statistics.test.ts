import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { HypercubeSource } from "../source/hypercube-source.ts";
import { writeLabelledTile } from "../source/labelled-tile.fixture.ts";
import { Dataloader } from "./dataloader.ts";
import { validationSampler } from "./sampler.ts";
import { tableOf } from "./tiles.fixture.ts";

test("samples that lack chunks are counted, and told when each epoch ends", async () => {
  const tile = await writeLabelledTile();
  const { record } = tile;
  const table = await tableOf([record, { ...record, x_start: 8 }]);
  await rm(join(tile.folder, "tile.ome.zarr", "0", "c", "0", "0", "0", "3", "0"));
  await rm(tile.labelChunk(0, 0, 2));
  await rm(tile.labelChunk(0, 1, 2));
  const source = new HypercubeSource({
    cubeShape: [1, 4, 8, 8],
    channels: null,
    numChannels: 1,
    missingChunks: "fill",
    labels: "array",
  });
  const said: string[] = [];
  const settings = {
    batchSize: 1,
    lastBatch: "drop",
    num_slots: 1,
    read_ahead: 0,
    timeout_s: 3600,
    read_failure_policy: "raise",
    max_skipped: 0,
    say: (line: string) => said.push(line),
  } as const;
  const rows = { validation: Int32Array.of(0, 1) };
  const loader = new Dataloader(settings, source, validationSampler(table, rows));
  for (const epoch of [3, 4]) {
    for await (const batch of loader.epoch(epoch)) {
      assert.equal(batch.report.samplesWithMissing, batch.number);
      assert.equal(batch.report.missingLabelChunks, 2 * batch.number);
    }
  }
  const lack =
    "1 of 2 samples (50.0 %) lack chunks on disk: 1 of images, taken as their fill value; 2 of labels, taken as background";
  assert.deepEqual(said, [`epoch 3: ${lack}`, `epoch 4: ${lack}`]);
  for await (const _ of loader.epoch(5)) break; // the sample that lacks nothing
  assert.equal(said.length, 2);
  await tile.remove();
});
