import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startCello } from "./cello-process.ts";

// What the README of the reference platform tells its users to do first, on a movie of a second.

let folder = "";
const data = () => join(folder, "data");
const options = () => ({ runs: join(folder, "runs"), data: data() });
const run = (...args: readonly string[]) => startCello(args, options()).ended;
const shape = ["datasets.input_shape=[2,8,32,32,1]", "datasets.patch_shape=[1,4,8,8]"];
const name = "--config-name=configs/test_pretrain_4d_mae_local.yaml";
const train = ["train", name, ...shape, "datasets.samples_per_epoch=8", "trainer.num_threads=1"];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "cello-readme-"));
  const movies = join(data(), "movies");
  for (const args of [
    ["data", "simulate", join(movies, "a.ome.zarr"), "--shape", "6,16,48,48", "--threads", "1"],
    ["data", "catalogue", movies, "--cube", "2,8,32,32"],
  ]) {
    const { code, stderr } = await run(...args);
    assert.equal(code, 0, stderr);
  }
});
after(() => rm(folder, { recursive: true, force: true }));

test("configs/test_pretrain_4d_mae_local.yaml trains, and saves where the README says", async () => {
  const { code, stdout, stderr } = await run(...train);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /Done: all 20 steps are done/);
  const outdir = join(data(), "pretrained_models/test_cell_observatory_platform");
  const saved = JSON.parse(await readFile(join(outdir, "config.json"), "utf8"));
  assert.equal(saved.wandb_project, "test_cell_observatory_platform");
  assert.deepEqual(saved.clusters.total_cpus, 4);
  assert.deepEqual((await readdir(join(outdir, "checkpoints"))).includes("best"), true);
});

test("a run that would need what is not there is refused before anything starts", async () => {
  const { code, stderr } = await run(...train, "clusters.launcher_type=slurm", "optimizers=lamb");
  assert.equal(code, 2);
  assert.match(stderr, /CONFIG_PART: the run needs 2 parts that this program does not have yet/);
  assert.match(stderr, /clusters\.launcher_type: nothing is started on slurm; there is local/);
  assert.match(stderr, /optimizers\.name: there is no optimizer lamb/);
});
