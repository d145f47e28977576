import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startCello } from "./cello-process.ts";
import { smallData, smallRun } from "./small-data.ts";

let folder = "";
const cello = (...args: readonly string[]) =>
  startCello(args, { runs: join(folder, "runs"), data: join(folder, "data") }).ended;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "cello-catalog-"));
  await smallData(join(folder, "data"));
});
after(() => rm(folder, { recursive: true, force: true }));

test("the data verbs look where the configs do: in DATA_DIR", async () => {
  const { code, stdout, stderr } = await cello("data", "list");
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^blobs\/blobs\.ome\.zarr: /);
});

test("drop_last_policy=false trains on an epoch's incomplete last batch too", async () => {
  const steps = async (policy: boolean) => {
    const run = ["datasets.samples_per_epoch=30", "trainer.micro_batch_size=4", "trainer.epochs=9"];
    const asked = [...smallRun, ...run, `datasets.drop_last_policy=${policy}`];
    const { stdout, stderr } = await cello("train", ...asked, "--check", "--json");
    assert.equal(stderr, "");
    return JSON.parse(stdout).steps_per_epoch;
  };
  assert.deepEqual([await steps(true), await steps(false)], [7, 8]);
});

test("a curve that cannot be drawn is said, and the run is as complete as it was", async () => {
  const run = join(folder, "runs", "undrawn");
  await mkdir(join(run, "curve.png"), { recursive: true });
  const asked = [...smallRun, "experiment_name=undrawn", "trainer.epochs=1"];
  const { code, stderr } = await cello("train", ...asked);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /the curve could not be drawn: .*curve\.png/);
  const { sessions } = JSON.parse(await readFile(join(run, "run.json"), "utf8"));
  assert.deepEqual([sessions.length, sessions[0].outcome], [1, "completed"]);
});
