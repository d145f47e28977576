import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { CheckpointStore, localDisk } from "../checkpoint/index.ts";
import { EventRecorder } from "../telemetry/index.ts";
import { CheckpointSaver } from "./checkpoint-saver.ts";

test("a full disk ends training by the time that it had, not by how often a save was asked for", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "cello-saver-"));
  t.after(() => rm(folder, { recursive: true }));
  const full = async () => await Promise.reject(new Error("ENOSPC: no space left"));
  const disk = { ...localDisk, writeText: full };
  const clock = { now: () => nowMs };
  let [nowMs, numFailed] = [0, 0];
  const saver = new CheckpointSaver({
    store: new CheckpointStore({ folder, keep: { keep_last: 2, keep_every: null } }, disk),
    recorder: new EventRecorder({ writers: [], clock }),
    clock,
    epoch: () => 0,
    checkpoint: () => ({ step: 1, model: new Map(), optimizer: new Map(), state: null }),
  });
  const saveAt = async (ms: number) => {
    nowMs = ms;
    saver.ask({
      ifFailed: () => {
        numFailed += 1;
      },
    });
    await saver.saveIfAsked();
  };
  for (let step = 0; step < 20; step++) await saveAt(step);
  assert.equal(numFailed, 20);
  for (const ms of [40_000, 80_000, 120_000]) await saveAt(ms);
  await assert.rejects(saveAt(160_000), { code: "CHECKPOINT_SAVE", message: /ENOSPC/ });
});
