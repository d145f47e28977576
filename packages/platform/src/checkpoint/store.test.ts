import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import type { Checkpoint } from "./checkpoint.ts";
import { type Disk, localDisk } from "./disk.ts";
import { openCheckpoints } from "./open-checkpoints.ts";
import { CheckpointStore } from "./store.ts";

const keep = { keep_last: 2, keep_every: null };

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "cello-store-"));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

/** @param part - two saves of one step have the same tensors, but may differ in their state. */
function checkpointOf(step: number, part = 0): Checkpoint {
  const floats = (value: number) => new Uint8Array(new Float32Array(6).fill(value).buffer);
  const tensor = (value: number) => ({
    dtype: "float32" as const,
    shape: [2, 3],
    bytes: floats(value),
  });
  return {
    step,
    model: new Map([["layer.weight", tensor(step)]]),
    optimizer: new Map([["exp_avg.layer.weight", tensor(-step)]]),
    state: { step, part, best: 0.1 + 0.2, hooks: { a: null } },
  };
}

function assertIs({ step, model, state }: Checkpoint): void {
  const expected = checkpointOf(step, (state as { readonly part: number }).part);
  assert.deepEqual(state, expected.state);
  assert.deepEqual(
    [...model].map(([name, { bytes }]) => [name, Buffer.from(bytes).toString("hex")]),
    [...expected.model].map(([name, { bytes }]) => [name, Buffer.from(bytes).toString("hex")]),
  );
}

/** A disk that fails at its nth call; `isDead` also fails all later ones, as a killed process does. */
function failingDisk(nth: number, { isDead }: { readonly isDead: boolean }) {
  let calls = 0;
  const wrapped = Object.entries(localDisk).map(([name, method]) => [
    name,
    async (...args: never[]) => {
      calls += 1;
      if (calls === nth || (isDead && calls > nth)) {
        throw Object.assign(new Error(`EIO: i/o error, ${name}`), { code: "EIO" });
      }
      return await (method as (...args: never[]) => Promise<unknown>)(...args);
    },
  ]);
  return { disk: Object.fromEntries(wrapped) as Disk, calls: () => calls };
}

test("a checkpoint reads back as it was saved, numbers to the last bit", async (t) => {
  const folder = await temporaryFolder(t);
  const store = new CheckpointStore({ folder, keep });
  await store.prepare();
  await store.save(checkpointOf(100));
  await store.point("best", 100);
  assert.deepEqual((await readdir(folder)).sort(), ["best", "latest", "step-000000100"]);
  for (const which of ["latest", "best", 100] as const) assertIs(await store.load(which));
});

test("a number that JSON lacks is named by its place; the disk is not to blame", async (t) => {
  const folder = await temporaryFolder(t);
  const store = new CheckpointStore({ folder, keep });
  const state = { hooks: { early_stop: { best: [1, Number.NaN] } } };
  await assert.rejects(store.save({ ...checkpointOf(1), state }), {
    code: "CHECKPOINT_NUMBER",
    message: /got NaN at hooks\.early_stop\.best\.1$/,
  });
  assert.deepEqual(await readdir(folder), []);
});

test("old checkpoints go once newer ones are there, but not the best, nor milestones", async (t) => {
  const folder = await temporaryFolder(t);
  const store = new CheckpointStore({ folder, keep: { keep_last: 2, keep_every: 30 } });
  for (const step of [10, 20, 30, 40, 50, 60, 70]) {
    await store.save(checkpointOf(step));
    if (step === 20) await store.point("best", step);
  }
  assert.deepEqual(
    (await store.entries()).map(({ step }) => step),
    [20, 30, 60, 70],
  );
  assert.equal(await store.pointed("best"), 20);
});

test("whichever write, sync or rename fails, the save is abandoned whole and the next one works", async (t) => {
  for (let nth = 1; ; nth++) {
    const folder = await temporaryFolder(t);
    const before = new CheckpointStore({ folder, keep });
    for (const step of [1, 2]) await before.save(checkpointOf(step));
    const { disk, calls } = failingDisk(nth, { isDead: false });
    const store = new CheckpointStore({ folder, keep }, disk);
    const saves = async () => {
      await store.save(checkpointOf(3), { isBest: true });
      await store.save(checkpointOf(3, 1));
    };
    const result = await saves().then(
      () => null,
      (error: Error & { code?: string }) => error.code,
    );
    const isWhole = calls() < nth;
    assert.equal(result, isWhole ? null : "CHECKPOINT_SAVE", `call ${nth}`);
    const names = await readdir(folder);
    assert.ok(!names.some((name) => name.includes(".tmp-")), `call ${nth}: ${names}`);
    const { checkpoint, damaged } = await store.loadNewestWhole();
    assert.equal(damaged.length, 0);
    assert.ok(checkpoint !== null && checkpoint.step >= 2);
    assertIs(checkpoint);
    if (isWhole) return;
    await store.save(checkpointOf(4));
    assertIs(await store.load("latest"));
  }
});

test("killed at any call of three saves, what is listed is whole, and the next process goes on", async (t) => {
  for (let nth = 1; ; nth++) {
    const folder = await temporaryFolder(t);
    const { disk, calls } = failingDisk(nth, { isDead: true });
    const doomed = new CheckpointStore({ folder, keep: { keep_last: 2, keep_every: null } }, disk);
    let announced = 0;
    try {
      for (const [step, part] of [
        [1, 0],
        [1, 1],
        [2, 0],
        [3, 0],
      ] as const) {
        await doomed.save(checkpointOf(step, part), { isBest: true });
        announced = step;
      }
    } catch {}
    const reader = new CheckpointStore({ folder, keep });
    for (const { step } of await reader.entries()) assertIs(await reader.load(step));
    const { store, checkpoint } = await openCheckpoints({ folder, keep, note: assert.fail });
    for (const pointer of ["latest", "best"] as const) {
      assert.equal(await store.pointed(pointer), checkpoint?.step ?? null, `call ${nth}`);
    }
    assert.ok(
      (checkpoint?.step ?? 0) >= announced,
      `call ${nth}: ${checkpoint?.step}, ${announced}`,
    );
    assert.ok(!(await readdir(folder)).some((name) => /\.(tmp|removing|replaced)-/.test(name)));
    await store.save(checkpointOf(4));
    assertIs(await store.load("latest"));
    if (calls() < nth) return;
  }
});

test("any byte of a checkpoint that changes is found, and the one before is loaded", async (t) => {
  const folder = await temporaryFolder(t);
  const store = new CheckpointStore({ folder, keep });
  for (const step of [1, 2]) await store.save(checkpointOf(step));
  const newest = join(folder, "step-000000002");
  const names = await readdir(newest);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...names.filter((name) => name !== "manifest.json")),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      fc.integer({ min: 1, max: 255 }),
      async (name, where, flip) => {
        const path = join(newest, name);
        const bytes = await readFile(path);
        const at = Math.floor(where * bytes.length);
        const altered = Uint8Array.from(bytes, (byte, i) => (i === at ? byte ^ flip : byte));
        await writeFile(path, altered);
        try {
          await assert.rejects(store.load(2), {
            code: "CHECKPOINT_CORRUPT",
            message: new RegExp(`step-000000002 is damaged: ${name} has sha256`),
          });
          const { checkpoint, damaged } = await store.loadNewestWhole();
          assert.equal(checkpoint?.step, 1);
          assert.equal(damaged.length, 1);
        } finally {
          await writeFile(path, bytes);
        }
      },
    ),
    { numRuns: 40 },
  );
});

test("a truncated, missing or misnamed part is named with its sizes, and is not listed", async (t) => {
  const folder = await temporaryFolder(t);
  const store = new CheckpointStore({ folder, keep });
  await store.save(checkpointOf(5));
  const path = join(folder, "step-000000005");
  const whole = await readFile(join(path, "model.safetensors"));
  await truncate(join(path, "model.safetensors"), whole.length - 3);
  await assert.rejects(store.load(5), {
    message: new RegExp(
      `model.safetensors has ${whole.length - 3} bytes, expected ${whole.length}`,
    ),
  });
  assert.deepEqual(await store.entries(), []);
  await rm(join(path, "model.safetensors"));
  await assert.rejects(store.load(5), { message: /model.safetensors is missing/ });
  await writeFile(join(path, "manifest.json"), "{");
  await assert.rejects(store.load(5), { message: /manifest.json cannot be read/ });
  const aside = await store.setAside(path);
  assert.match(aside, /step-000000005\.damaged-/);
  await assert.rejects(store.load("latest"), {
    code: "CHECKPOINT_NONE",
    message: /expected checkpoint "latest" in .*, but there is none/,
  });
});

test("a step that is saved again is written again only if its state differs", async (t) => {
  const folder = await temporaryFolder(t);
  const store = new CheckpointStore({ folder, keep });
  await store.save(checkpointOf(1));
  const first = await stat(join(folder, "step-000000001"));
  await store.save(checkpointOf(1));
  assert.equal((await stat(join(folder, "step-000000001"))).ino, first.ino);
  await store.save(checkpointOf(1, 1));
  assert.deepEqual((await store.load("latest")).state, checkpointOf(1, 1).state);
  assert.deepEqual((await readdir(folder)).sort(), ["latest", "step-000000001"]);
});

test("a run whose checkpoints are all damaged does not start over, and they stay as they are", async (t) => {
  const folder = await temporaryFolder(t);
  const store = new CheckpointStore({ folder, keep });
  for (const step of [1, 2]) {
    await store.save(checkpointOf(step));
    await truncate(join(folder, `step-00000000${step}`, "state.json"), 3);
  }
  const before = await readdir(folder);
  await assert.rejects(openCheckpoints({ folder, keep, note: assert.fail }), {
    code: "CHECKPOINT_NONE_WHOLE",
    message: /of the newest: checkpoint .*step-000000002 is damaged: state.json has 3 bytes/,
  });
  assert.deepEqual(await readdir(folder), before);
});

test("a folder that cannot be read is an error, not a run without checkpoints", async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, "checkpoints"), "");
  const store = new CheckpointStore({ folder: join(folder, "checkpoints"), keep });
  await assert.rejects(store.loadNewestWhole(), { code: "ENOTDIR" });
  await assert.rejects(store.pointed("best"), { code: "ENOTDIR" });
});

/** A store of steps 1 and 2, of which 1 is removed while somebody is reading its manifest. */
async function removedWhileRead(t: TestContext, which: "latest" | number) {
  const folder = await temporaryFolder(t);
  const store = new CheckpointStore({ folder, keep });
  await store.save(checkpointOf(2));
  await store.save(checkpointOf(1)); // `latest` names it
  const manifest = join(folder, "step-000000001", "manifest.json");
  const text = await readFile(manifest, "utf8");
  await rm(manifest);
  execFileSync("mkfifo", [manifest]); // whoever opens it waits for the writer
  const loaded = store.load(which);
  loaded.catch(() => {});
  const writer = await open(manifest, "w"); // opened: the reader is there
  await rename(join(folder, "step-000000001"), join(folder, "step-000000001.removing-x"));
  await store.point("latest", 2);
  await writer.writeFile(text);
  await writer.close();
  return loaded;
}

test("a checkpoint that is removed while it is read is gone, not damaged", async (t) => {
  await assert.rejects(removedWhileRead(t, 1), {
    code: "CHECKPOINT_NONE",
    message: /but there are step-000000002$/,
  });
});

test("the newest checkpoint is read where the one that was the newest goes meanwhile", async (t) => {
  assertIs(await removedWhileRead(t, "latest"));
});
