import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { liveTensors, scope, setNumThreads, Tensor } from "@cell-observatory/engine";
import { readSafetensors } from "@cell-observatory/zarr";
import { CheckpointStore, localDisk } from "../checkpoint/index.ts";
import type { Event, EventWriter } from "../telemetry/index.ts";
import type { BatchSource } from "./batch-source.ts";
import type { Hook } from "./hook.ts";
import { anomalyDetector } from "./hooks/anomaly-detector.ts";
import { randomBatch, type TinyBatch, type TinyOptions, tinyRun } from "./tiny-run.fixture.ts";

setNumThreads(1); // tiny tensors: two threads would only wait for each other
const never = new AbortController().signal;

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "cello-trainer-"));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

/** Keeps the rows of steps and epochs, without their times. */
function rowWriter(): EventWriter & { readonly rows: unknown[] } {
  const rows: unknown[] = [];
  const write = (event: Event) => {
    if (event.kind !== "step" && event.kind !== "epoch") return;
    const { time: _, ...row } = event;
    rows.push(row);
  };
  return { rows, write, sync: () => {}, close: () => {} };
}

/** Parameters, optimizer and generator, as the checkpoint of a step has them. */
async function stateOf(folder: string, step: number) {
  const store = new CheckpointStore({ folder, keep: { keep_last: 2, keep_every: null } });
  const { model, optimizer, state } = await store.load(step);
  const hex = (table: typeof model) =>
    [...table].map(([name, { bytes }]) => [name, Buffer.from(bytes).toString("hex")]);
  return { model: hex(model), optimizer: hex(optimizer), state };
}

async function golden(t: TestContext, options: Partial<TinyOptions> = {}) {
  const folder = await temporaryFolder(t);
  const writer = rowWriter();
  const { trainer } = tinyRun({ folder, writers: [writer], ...options });
  const outcome = await trainer.run(never);
  return { outcome, rows: writer.rows, final: await stateOf(folder, outcome.step) };
}

test("training runs all steps, validates each epoch, and the loss falls", async (t) => {
  const { outcome, rows } = await golden(t, { config: { totalSteps: 60, stepsPerEpoch: 20 } });
  assert.deepEqual(outcome, {
    kind: "completed",
    reason: "all 60 steps are done",
    step: 60,
    epoch: 3,
  });
  const epochs = rows.filter((row) => (row as Event).kind === "epoch") as Extract<
    Event,
    { kind: "epoch" }
  >[];
  assert.equal(epochs.length, 3);
  const [first, , last] = epochs.map(({ scalars }) => scalars.step_loss ?? Number.NaN);
  assert.ok(last !== undefined && first !== undefined && last < first, `${first} -> ${last}`);
  assert.ok(epochs.every(({ scalars }) => Number.isFinite(scalars.val_step_loss)));
});

/** A run that its hook stops, continued to the end: what both sessions logged, and the last state. */
async function stoppedOnce(t: TestContext, hookOf: (stop: () => void) => Hook) {
  const folder = await temporaryFolder(t);
  const rows: unknown[] = [];
  const kinds: string[] = [];
  for (const isFirst of [true, false]) {
    const stop = new AbortController();
    const writer = rowWriter();
    const hooks = isFirst ? [hookOf(() => stop.abort())] : [];
    const { trainer, store } = tinyRun({ folder, writers: [writer], hooks });
    await store.prepare();
    const { checkpoint } = await store.loadNewestWhole();
    if (checkpoint !== null) trainer.restore(checkpoint);
    kinds.push((await trainer.run(stop.signal)).kind);
    rows.push(...writer.rows);
  }
  assert.deepEqual(kinds, ["stopped", "completed"]);
  return { rows, final: await stateOf(folder, 12) };
}

for (const stopAt of [1, 3, 4, 5, 8, 11, 12]) {
  test(`a run that was stopped after step ${stopAt} ends as one that never was, bit for bit`, async (t) => {
    const { rows, final } = await stoppedOnce(t, (stop) => ({
      name: "stop",
      afterStep: ({ step }) => {
        if (step === stopAt) stop();
      },
      beforeValidation: ({ step }) => assert.notEqual(step, stopAt, "validated before it stopped"),
    }));
    const expected = await golden(t);
    assert.deepEqual(rows, expected.rows);
    assert.deepEqual(final, expected.final);
  });
}

test("a stop is heard inside a validation, which is then done by the run that goes on", async (t) => {
  const { rows, final } = await stoppedOnce(t, (stop) => ({
    name: "stop",
    beforeValidation: stop,
    afterValidation: () => assert.fail("it was to be given up"),
  }));
  const expected = await golden(t);
  assert.deepEqual(rows, expected.rows);
  assert.deepEqual(final, expected.final);
});

test("the same batch two times, in two micro-batches, makes the step that it makes once", async (t) => {
  const model = { proj_drop_rate: 0, drop_path_rate: 0 };
  const config = { totalSteps: 1, stepsPerEpoch: 1 };
  const batch = (epoch: number) => randomBatch(epoch, 0);
  const once = await golden(t, { model, config, batch });
  const twice = await golden(t, { model, config: { ...config, batchesPerStep: 2 }, batch });
  assert.deepEqual(twice.final.model, once.final.model); // halves add up without rounding
  assert.deepEqual(twice.final.optimizer, once.final.optimizer);
});

test("three samples in batches of two and one make the step that they make together", async (t) => {
  const model = { proj_drop_rate: 0, drop_path_rate: 0 };
  const config = { totalSteps: 1, stepsPerEpoch: 1 };
  const [pair, other] = [randomBatch(0, 0), randomBatch(0, 1)];
  const one = {
    ...other,
    voxels: other.voxels.slice(0, other.voxels.length / 2),
    sampleIds: other.sampleIds.slice(0, 1),
  };
  const all = {
    ...pair,
    voxels: Float32Array.from([...pair.voxels, ...one.voxels]),
    sampleIds: [...pair.sampleIds, ...one.sampleIds],
  };
  const together = await golden(t, { model, config, batch: () => all });
  const apart = await golden(t, {
    model,
    config: { ...config, batchesPerStep: 2 },
    batch: (_, number) => [pair, one][number] ?? assert.fail(),
  });
  const scalars = ({ rows }: typeof apart) => (rows[0] as Extract<Event, { kind: "step" }>).scalars;
  for (const [name, value] of Object.entries(scalars(together))) {
    const found = scalars(apart)[name] ?? Number.NaN;
    assert.ok(Math.abs(found - value) < 1e-5 * Math.abs(value), `${name}: ${found}, ${value}`);
  }
});

test("a sample that was replaced, or left out, is noted with its step, so that going back to before drops it", async (t) => {
  const folder = await temporaryFolder(t);
  const notes: Event[] = [];
  const write = (event: Event) => void (event.kind === "note" && notes.push(event));
  const writers = [{ write, sync: () => {}, close: () => {} }];
  const batch = (epoch: number, number: number): TinyBatch => {
    const isGone = number === 0 && (epoch === 1 || epoch === 1000);
    const skipped = isGone ? [{ sampleId: "b", reason: "no" }] : [];
    return { ...randomBatch(epoch, number), report: { missingChunks: 0, skipped } };
  };
  await tinyRun({ folder, writers, batch }).trainer.run(never);
  assert.deepEqual(
    notes.map((note) => note.kind === "note" && [note.step, note.code, note.message]),
    [
      [4, "DATA_SKIPPED", "sample b was left out of the validation: no"],
      [5, "DATA_SKIPPED", "sample b was replaced by another: no"],
      [8, "DATA_SKIPPED", "sample b was left out of the validation: no"],
      [12, "DATA_SKIPPED", "sample b was left out of the validation: no"],
    ],
  );
});

/** A run whose batch `2` of epoch 1 has a NaN; what the detector wrote, and what was thrown. */
async function anomaly(t: TestContext, options: Partial<TinyOptions> = {}) {
  const folder = await temporaryFolder(t);
  const bad = (epoch: number, number: number) => {
    const batch = randomBatch(epoch, number);
    if (epoch === 1 && number === 2) batch.voxels.fill(Number.NaN);
    return batch;
  };
  const reports = join(folder, "anomalies");
  const hooks = [anomalyDetector({ folder: reports })];
  const { trainer, model, store } = tinyRun({ folder, batch: bad, hooks, ...options });
  await store.prepare();
  const error = await trainer.run(never).catch((thrown: unknown) => thrown);
  const [json, safetensors] = (await readdir(reports)).toSorted();
  const report = JSON.parse(await readFile(join(reports, json ?? ""), "utf8"));
  return { error: error as Error & { code?: string }, report, reports, safetensors, model, store };
}

test("a loss that is NaN ends training with the step, and the samples are written down", async (t) => {
  const { error, report, reports, safetensors, store } = await anomaly(t);
  assert.equal(error.code, "NUMERIC_ANOMALY");
  assert.match(error.message, /the loss is NaN in step 7 \(epoch 1\)/);
  assert.ok(error.message.includes(join(reports, "anomaly-step-7.json")));
  assert.ok(error.message.includes(join(reports, "anomaly-step-7.safetensors")));
  assert.equal(safetensors, "anomaly-step-7.safetensors");
  assert.deepEqual(report.parts, { reconstruction: "NaN" });
  assert.deepEqual(report.sampleIds, ["1/2/0", "1/2/1"]);
  assert.deepEqual(report.batch, {
    sampleIds: ["1/2/0", "1/2/1"],
    number: 2,
    tensors: "anomaly-step-7.safetensors",
    leftOut: [],
  });
  assert.equal((await store.load("latest")).step, 4);
});

test("of several batches in a step, the one whose loss is NaN is kept, and gives NaN again", async (t) => {
  const { error, report, reports, safetensors, model } = await anomaly(t, {
    config: { batchesPerStep: 4, stepsPerEpoch: 1, totalSteps: 3 },
  });
  assert.equal(error.code, "NUMERIC_ANOMALY");
  assert.equal(report.sampleIds.length, 8);
  assert.deepEqual(report.batch.sampleIds, ["1/2/0", "1/2/1"]);
  const { tensors } = await readSafetensors(join(reports, safetensors ?? ""));
  scope(() => {
    const tensor = (name: string) => {
      const { dtype, shape, bytes } = tensors.get(name) ?? assert.fail(name);
      const empty = Tensor.empty(shape, { dtype: dtype as "float32" });
      empty.bytes().set(bytes);
      return empty;
    };
    const [video, keep_BK] = [tensor("video"), tensor("keep_BK")];
    const again = {
      video,
      keep_BK,
      hidden_BM: tensor("hidden_BM"),
      restore_BN: tensor("restore_BN"),
    };
    assert.ok(Number.isNaN(Number(model.forward(again).loss.item())));
    const healthy = { ...again, video: Tensor.ones(video.shape) };
    assert.ok(Number.isFinite(Number(model.forward(healthy).loss.item())));
  });
});

test("a save that fails is abandoned with one warning, and training ends with a whole checkpoint", async (t) => {
  const folder = await temporaryFolder(t);
  let isFull = true;
  const disk = {
    ...localDisk,
    writeText: async (path: string, text: string) => {
      if (isFull) throw Object.assign(new Error("ENOSPC: no space left"), { code: "ENOSPC" });
      return await localDisk.writeText(path, text);
    },
  };
  const notes: Event[] = [];
  const writer: EventWriter = {
    write: (event) => {
      if (event.kind === "note") notes.push(event);
    },
    sync: () => {},
    close: () => {},
  };
  const keep = { keep_last: 2, keep_every: null };
  const hook: Hook = {
    name: "room",
    afterEpoch: ({ epoch }) => {
      isFull = epoch < 2; // the last of three epochs finds room
    },
  };
  const store = new CheckpointStore({ folder, keep }, disk);
  await store.prepare();
  const { trainer } = tinyRun({ folder, store, writers: [writer], hooks: [hook] });
  const outcome = await trainer.run(never);
  assert.equal(outcome.kind, "completed");
  assert.deepEqual(
    notes.map((note) => note.kind === "note" && [note.level, note.code]),
    [
      ["warning", "CHECKPOINT_SAVE"],
      ["info", null],
    ],
  );
  assert.deepEqual((await readdir(folder)).sort(), ["best", "latest", "step-000000012"]);
});

test("a stop is heard while the loader keeps the step waiting, and the run is saved", async (t) => {
  const folder = await temporaryFolder(t);
  const stop = new AbortController();
  const stalled: BatchSource<TinyBatch>["epoch"] = async function* (epoch, { signal }) {
    for (let number = 0; number < 2; number++) yield randomBatch(epoch, number);
    stop.abort();
    await new Promise((_, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason)); // storage does not answer
    });
  };
  const run = tinyRun({ folder, source: { batchesPerEpoch: 4, epoch: stalled } });
  const outcome = await run.trainer.run(stop.signal);
  assert.deepEqual([outcome.kind, outcome.step], ["stopped", 2]);
  assert.equal((await run.store.load("latest")).step, 2);
});

test("bfloat16 trains as float32 does, nearly, and goes on bit for bit", async (t) => {
  const float32 = await golden(t);
  const expected = await golden(t, { precision: "bfloat16" });
  const losses = ({ rows }: typeof expected) =>
    rows.flatMap((row) => {
      const event = row as Event;
      return event.kind === "step" ? [event.scalars.step_loss ?? Number.NaN] : [];
    });
  losses(expected).forEach((loss, i) => {
    const other = losses(float32)[i] ?? Number.NaN;
    assert.ok(loss !== other && Math.abs(loss - other) < 0.05, `step ${i}: ${loss}, ${other}`);
  });
  const folder = await temporaryFolder(t);
  const first = tinyRun({ folder, precision: "bfloat16", config: { totalSteps: 12 } });
  const stop = new AbortController();
  const hook: Hook = {
    name: "stop",
    afterStep: ({ step }) => {
      if (step === 6) stop.abort();
    },
  };
  const interrupted = tinyRun({ folder, precision: "bfloat16", hooks: [hook] });
  await interrupted.trainer.run(stop.signal);
  const { checkpoint } = await first.store.loadNewestWhole();
  assert.equal(checkpoint?.step, 6);
  if (checkpoint !== null) first.trainer.restore(checkpoint);
  await first.trainer.run(never);
  assert.deepEqual(await stateOf(folder, 12), expected.final);
});

test("a checkpoint of another model is refused, with a table of what differs", async (t) => {
  const folder = await temporaryFolder(t);
  const { trainer, store } = tinyRun({ folder, config: { totalSteps: 4 } });
  await trainer.run(never);
  const { model, ...rest } = await store.load("latest");
  const altered = new Map(model);
  const [name = "", tensor] = [...model][0] ?? [];
  altered.delete(name);
  altered.set("stranger", tensor ?? assert.fail());
  assert.throws(() => tinyRun({ folder }).trainer.restore({ ...rest, model: altered }), {
    code: "STATE_DICT",
    message: /1 missing, 1 unexpected[\s\S]*stranger\s+unexpected/,
  });
});

test("a state of another version is refused, with the keys that differ", () => {
  const state = { step: 3, epoch: 0, rng: "" };
  const checkpoint = { step: 3, model: new Map(), optimizer: new Map(), state };
  assert.throws(() => tinyRun({ folder: "unused" }).trainer.restore(checkpoint), {
    code: "CHECKPOINT_STATE",
    message: /state\.json of the checkpoint is of another version: [\s\S]*step_in_epoch/,
  });
});

test("a training step leaves no tensor behind", async (t) => {
  const folder = await temporaryFolder(t);
  const counts: number[] = [];
  const hook: Hook = { name: "count", afterStep: () => void counts.push(liveTensors()) };
  await tinyRun({ folder, hooks: [hook] }).trainer.run(never);
  assert.equal(new Set(counts).size, 1, counts.join());
});
