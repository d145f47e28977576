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

test("a last batch that is filled trains as one that is smaller, and bricks train as well", async () => {
  const losses = async (name: string, ...overrides: readonly string[]) => {
    const run = ["datasets.samples_per_epoch=30", "trainer.micro_batch_size=4", "trainer.epochs=1"];
    const still = ["proj_drop_rate", "att_drop_rate", "drop_path_rate"].map(
      (rate) => `models.meta_arch.mae.${rate}=0`, // what they draw depends on the number of rows
    );
    const asked = [...smallRun, ...run, ...still, `experiment_name=${name}`, ...overrides];
    const { code, stderr } = await cello("train", ...asked);
    assert.equal(code, 0, stderr);
    const log = await readFile(join(folder, "runs", name, "logs", "events.jsonl"), "utf8");
    const events = log
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const steps = events.filter(({ kind }) => kind === "step");
    return steps.map(({ scalars }): number => scalars.step_loss);
  };
  const kept = await losses("kept", "datasets.last_batch_policy=keep");
  const filled = await losses("filled", "datasets.last_batch_policy=pad");
  assert.equal(kept.length, 8);
  filled.forEach((loss, step) => {
    assert.ok(
      Math.abs(loss / (kept[step] ?? 0) - 1) < 1e-4,
      `step ${step}: ${loss}, ${kept[step]}`,
    );
  });
  const policy = ["datasets.last_batch_policy=drop", "datasets.loader.read_failure_policy=mask"];
  const near = await losses("near", ...policy, "datasets.loader.locality=16");
  assert.equal(near.length, 7);
  assert.ok(near.every(Number.isFinite));
});

test("a run trains on crops of what it reads, is measured and shown, and rebuilds a volume", async () => {
  const crop = (size: string) => `{kind: crop, target_spatial_shape: ${size}, crop_dims: ZYX}`;
  const asked = [
    ...smallRun,
    "experiment_name=cropped",
    "trainer.epochs=1",
    "datasets.train_shape=[4,8,8,1]",
    "models.meta_arch.mae.input_shape=[4,8,8,1]",
    `+datasets.transforms.transforms_list=[${crop("[4,8,16]")}]`,
    `datasets.preprocessor.transforms_list=[${crop("[4,8,8]")},{kind: normalize}]`,
  ];
  const trained = await cello("train", ...asked);
  assert.equal(trained.code, 0, trained.stderr);
  const measured = await cello("eval", ...asked, "--json");
  assert.equal(measured.code, 0, measured.stderr);
  const { errors } = JSON.parse(measured.stdout);
  assert.ok(Number.isFinite(errors.model) && Number.isFinite(errors.interpolation));
  const png = join(folder, "cropped.png");
  const shown = await cello("data", "show", ...asked, "--out", png);
  assert.equal(shown.code, 0, shown.stderr);
  const predicted = await cello("predict", ...asked);
  assert.equal(predicted.code, 0, predicted.stderr);
  const inference = join(folder, "runs", "cropped", "inference");
  const report = JSON.parse(await readFile(join(inference, "prediction.json"), "utf8"));
  // Of the same crops of the same held-out samples, so the same to the last digit.
  assert.equal(report.errors.model, errors.model);
  assert.deepEqual(report.shape, [1, 12, 48, 32]);
  assert.equal(report.not_measured, 0);
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
