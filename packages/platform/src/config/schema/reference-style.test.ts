import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { composeRun } from "../compose-run.ts";
import { ConfigInvalidError } from "../faults/errors.ts";
import { RunConfig } from "./run.ts";

const configDirs = [join(import.meta.dirname, "../fixtures/reference-style")];
const env = { DATA_DIR: "/data", REPO_DIR: "/repo", REPO_NAME: "platform" };
const compose = (name: string, ...overrides: readonly string[]) =>
  composeRun({ configName: `experiments/${name}`, overrides, configDirs, env }).config;

test("a folder as users of the reference platform write it composes, in our words", () => {
  const run = compose("lab_pretrain");
  assert.equal(run.trainer.kind, "epoch_based");
  assert.equal(run.models.model, "mae");
  assert.equal(run.datasets.databases.kind, "duckdb");
  assert.deepEqual(
    run.loggers.event_writers.map(({ kind }) => kind),
    ["csv"],
  );
  const names = run.hooks?.hooks_list.map(({ name }) => name);
  assert.deepEqual(names?.slice(0, 3), ["anomaly_detector", "sampler_setter", "lr_scheduler"]);
});

test("what it writes elsewhere is where the program reads it", () => {
  const run = compose("lab_pretrain");
  assert.equal(run.trainer.epochs, 400);
  assert.equal(run.datasets.databases.max_hypercubes, 200);
  assert.equal(run.datasets.databases.synthetic_only, true);
  assert.equal(run.datasets.databases.catalogue_path, "/data/catalogue.duckdb");
  assert.equal(run.datasets.masking.random_masking_ratio, 0.6);
  assert.equal(run.datasets.loader.num_slots, 8);
  assert.equal(run.checkpoint.keep_last, 2);
  assert.equal(run.inference.save_dir, "/data/pretrained_models/lab_pretrain/inference");
});

test("a schedule that has epochs counts in epochs, unless it says otherwise; any other in steps", () => {
  const unitOf = (...overrides: readonly string[]) =>
    compose("lab_pretrain", ...overrides).schedulers.update_type;
  assert.equal(unitOf("~schedulers.update_type"), "epoch");
  assert.equal(unitOf("schedulers.update_type=step"), "step");
  assert.equal(
    unitOf(
      "~schedulers.update_type",
      "~schedulers.epochs",
      "+trainer.epochs=3",
      "schedulers.cooldown=0",
    ),
    "step",
  );
});

test("a config that was saved is read again as it was", () => {
  const run = compose("lab_pretrain");
  assert.deepEqual(RunConfig.parse(JSON.parse(JSON.stringify(run))), run);
});

test("what is written counts, and the defaults of option files beside it do not", () => {
  const ours = (...overrides: readonly string[]) =>
    composeRun({ configName: "experiments/nuclei_mae", overrides, configDirs: [], env }).config;
  assert.equal(ours("+checkpoint.checkpoint_manager.keep_latest_k=7").checkpoint.keep_last, 7);
  const accumulated = ours(
    "+deepspeed=zero2",
    "trainer.micro_batch_size=2",
    "clusters.batch_size=8",
  );
  assert.equal(accumulated.trainer.micro_batch_size, 2);
  const ray = ["datasets=pretrain_dataset_ray"];
  const threshold = (...more: readonly string[]) =>
    ours(...ray, ...more).datasets.databases.occupancy_threshold;
  assert.equal(threshold(), 0.9);
  assert.equal(threshold("datasets.databases.occupancy_threshold=0.5"), 0.5);
  assert.equal(threshold("datasets.databases.occupancy_threshold=null"), null);
});

test("a _target_ stands for its kind, whatever the default beside it", () => {
  const { databases } = compose("lab_supabase").datasets;
  assert.equal(databases.kind, "supabase");
  assert.equal(databases.hypercubes_dataframe_path, "/data/databases/hypercubes.csv");
});

for (const [override, problem] of [
  [
    "+datasets.databases.kind=trino",
    /databases\._target_ means duckdb, but kind beside it is trino/,
  ],
  [
    "+checkpoint.keep_last=3",
    /num_to_keep must agree with checkpoint\.keep_last, which is 3, got 2/,
  ],
  ["datasets.databases.max_hypercubes=null", /max_hypercubes must agree with .* null, got 200/],
  ["+trainer.epochs=3", /schedulers\.epochs must agree with trainer\.epochs, which is 3, got 40/],
  ["datasets.databases.max_hypercubes=7", /datasets\.max_hypercubes must agree with .* 7, got 200/],
  [
    "+datasets.masking.random_masking_ratio=0.5",
    /random_masking_ratio must agree .* is 0\.5, got 0\.6/,
  ],
  ["deepspeed.gradient_clipping=1.0", /gradient_clipping must agree with optimizers\.clip_grad/],
  ["datasets.buffer_capacity=2", /buffer_capacity must be above datasets\.loader\.read_ahead/],
  ["deepspeed.train_batch_size=9", /train_batch_size must agree with clusters\.batch_size/],
  ["deepspeed.fp16.enabled=true", /fp16\.enabled must be false where quantization is bfloat16/],
  ["deepspeed.gradient_accumulation_steps=2", /gradient_accumulation_steps must be 1, as the rest/],
  ["clusters.total_gpus=4", /clusters\.total_gpus must be 1, as the rest says, got 4/],
  ["datasets.preprocessor.transforms_list=[]", /preprocessor\.normalize .*must be none, as trans/],
  [
    "hooks.hooks_list.6.metric_name=lr",
    /metric_name must be evaluation\.val_metric, val_step_loss/,
  ],
  ["checkpoint.checkpoint_manager.save_checkpointdir=x", /save_checkpointdir must be \/data\/pre/],
  ["models.meta_arch.mae.rope_mixed=true", /rope_mixed must agree with rope_type, which is axial/],
  ["models.model=jepa", /models\.BUILD means mae, but model beside it is jepa/],
] as const) {
  test(`two places that disagree are both named: ${override}`, () => {
    const overrides = /^\+|models\.model/.test(override)
      ? [`++${override.replace(/^\+/, "")}`]
      : [override];
    assert.throws(
      () => compose("lab_pretrain", ...overrides),
      (error) => {
        assert.ok(error instanceof ConfigInvalidError);
        assert.match(error.message, problem);
        return true;
      },
    );
  });
}

test("what a mask generator does not say, the keys beside its list say", () => {
  const { masking } = compose("lab_pretrain", "+datasets.masking.num_blocks=5").datasets;
  assert.deepEqual([masking.num_blocks, masking.random_masking_ratio], [5, 0.6]);
});

test("dotted paths that stand for nothing here are named in one error, with file and line", () => {
  const act = () => compose("lab_unknown");
  assert.throws(act, (error) => {
    assert.ok(error instanceof ConfigInvalidError);
    const lines = error.message.split("\n").slice(1);
    const short = lines.map((line) => line.replace(/^.*\/experiments\//, "")).sort();
    assert.deepEqual(short, [
      "lab_unknown.yaml:11:15: evaluation.evaluator._target_ evaluation.base_evaluation.BaseEvaluater has no counterpart here; did you mean evaluation.base_evaluation.BaseEvaluator?",
      "lab_unknown.yaml:6:10: trainer our.lab.loops.ContrastiveTrainer has no counterpart here",
      "lab_unknown.yaml:8:10: models.BUILD our.lab.models.BUILD has no counterpart here",
    ]);
    return true;
  });
});
