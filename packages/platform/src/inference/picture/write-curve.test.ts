import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { loadImage } from "@napi-rs/canvas";
import { writeCurve } from "./write-curve.ts";

test("the curve of a run is drawn from its log, and a run without steps has none", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "cello-curve-"));
  t.after(() => rm(folder, { recursive: true }));
  const events = join(folder, "events.jsonl");
  const target = join(folder, "curve.png");
  assert.equal(await writeCurve({ events, target, title: "none" }), null);
  const row = (kind: string, step: number, scalars: object) =>
    JSON.stringify({ kind, time: "2026-01-01T00:00:00.000Z", epoch: 0, step, scalars });
  const rows = Array.from({ length: 30 }, (_, i) => row("step", i + 1, { step_loss: 1 / (i + 1) }));
  rows.push(row("epoch", 30, { val_step_loss: 0.5 }));
  await writeFile(events, `${rows.join("\n")}\n`);
  assert.equal(await writeCurve({ events, target, title: "a run" }), target);
  const image = await loadImage(await readFile(target));
  assert.deepEqual([image.width, image.height], [1100, 620]);
});
