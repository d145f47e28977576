import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { composeRun } from "../config/index.ts";
import { exitCodeOf } from "../errors/index.ts";
import { systemClock } from "../telemetry/index.ts";
import { missingData, missingParts } from "./missing-parts.ts";
import { MissingPartError, runnable } from "./runnable-config.ts";
import { SearchError } from "./search-error.ts";
import { trainRun } from "./train-run.ts";

const folder = mkdtempSync(join(tmpdir(), "cello-parts-"));
after(() => rmSync(folder, { recursive: true }));

const run = (configName: string, ...overrides: readonly string[]) =>
  composeRun({ configName, overrides, configDirs: [], env: { DATA_DIR: folder } }).config;
const local = "test_pretrain_4d_mae_local";

for (const name of [
  local,
  "experiments/nuclei_mae",
  "experiments/simulated_movie_mae",
  "experiments/vit_small_mae",
  "experiments/pretrain_4d_mae",
]) {
  test(`${name} asks for nothing that is not there`, () => {
    assert.deepEqual(missingParts(run(name)), []);
  });
}

for (const kind of [
  "channel_split",
  "denoising",
  "instance_segmentation",
  "object_detection",
  "semantic_segmentation",
  "upsample_time",
]) {
  test(`what ${kind} prepares can be looked at, though no model is trained on it`, () => {
    const config = run("experiments/nuclei_mae", `datasets/preprocessor=${kind}_preprocessor`);
    assert.deepEqual(missingData(config), []);
    assert.match(missingParts(config).join(), /prepares batches for another task/);
  });
}

for (const [name, ...parts] of [
  ["pretrain_4d_jepa", /there is no model jepa/, /there is no hook ema_scheduler/],
  ["instance_segmentation_maskdino", /no model maskdino/, /instance_segmentation is no task/],
  ["semantic_segmentation_mask2former", /no model mask2former/, /no evaluator semantic/],
  ["object_detection_plaindetr", /no model plainDETR/, /object_detection is no task/],
  ["channel_split_autobench", /no model autobench/, /channel_split is no task/],
] as const) {
  test(`${name} composes, and is refused by the names of its parts`, () => {
    const found = missingParts(run(`experiments/${name}`)).join("\n");
    for (const part of parts) assert.match(found, part);
  });
}

for (const [override, sentence] of [
  ["clusters.launcher_type=slurm", "clusters.launcher_type: nothing is started on slurm"],
  ["clusters.gpus_per_worker=2", "clusters.gpus_per_worker: nothing is divided between 2 ranks"],
  ["clusters.worker_nodes=2", "clusters.worker_nodes: nothing is divided between 2 ranks"],
  ["quantization=float16", "quantization: there is no training in float16"],
  [
    "datasets/preprocessor=denoising_preprocessor",
    "datasets.preprocessor.kind: denoising prepares batches for another task",
  ],
  ["task=denoising", "task: denoising is no task that is trained here"],
  ["optimizers=lamb", "optimizers.name: there is no optimizer lamb; there are adamw, adamw_torch"],
  ["optimizers.ld=0.75", "optimizers.ld: all layers have one learning rate"],
  ["schedulers=test_warmup_stable_decay", "schedulers.name: there is no schedule warmup_stable"],
  ["schedulers.fixedlr=true", "schedulers.name: there is no schedule fixedlr"],
  [
    "datasets.mask_channel_idx=-1",
    "datasets.databases.mask_channel_idx: pretraining takes every channel as image",
  ],
  [
    "+datasets.masking.channels_to_mask=[0]",
    "datasets.masking.channels_to_mask: a token has all channels",
  ],
  ["datasets.databases.kind=local", "datasets.databases.kind: there is no local"],
  [
    "+datasets.collate_fn.with_resize=true",
    "datasets.collate_fn.with_resize: nothing is resized while samples are collated",
  ],
  [
    "+datasets.collate_fn.use_masks=true",
    "datasets.collate_fn.use_masks: a batch has one label map",
  ],
  ["datasets.crop=random datasets.split_by=row", "datasets.crop: crops that move would reach into"],
  ["+datasets.eval_split=train", "datasets.eval_split: a test looks at what training did not see"],
  [
    "+parallelism.training.tensor_parallel_degree=2",
    "parallelism.training.tensor_parallel_degree: a run has one rank",
  ],
  ["deepspeed=zero3_offload", "deepspeed.zero_optimization: nothing is offloaded"],
  ["deepspeed.tensorboard.enabled=true", "deepspeed: DeepSpeed's own writers"],
  ["optimizations.with_model_summary=true", "optimizations.with_model_summary: there is no table"],
  ["paths.pretrained_checkpointdir=x", "paths.pretrained_checkpointdir: a run starts from random"],
  ["paths.resume_checkpointdir=x", "paths.resume_checkpointdir: a run goes on from its own"],
  ["+loggers.event_writers=[{kind: wandb}]", "loggers.event_writers: there is no writer for W"],
  ["+hooks.hooks_list=[{name: nsys_profiler}]", "hooks.hooks_list.0.name: there is no hook nsys_"],
  ["evaluation=channel_split_evaluator", "evaluation.evaluator.kind: there is no evaluator recon"],
] as const) {
  test(`${override} is refused in words`, () => {
    const batch = override.includes("clusters") ? ["clusters.batch_size=4"] : [];
    const replaced = override.startsWith("+") ? [`+${override}`] : override.split(" ");
    const added = /^deepspeed\.t/.test(override) ? [`++${override}`] : replaced;
    const found = missingParts(run(local, ...added, ...batch));
    assert.ok(
      found.some((part) => part.startsWith(sentence)),
      found.join("\n"),
    );
  });
}

test("a search is composed and checked, and refused in words", () => {
  const config = run("experiments/nuclei_mae", "+tune=tune", "run_type=tune");
  assert.deepEqual(Object.keys(config.tune?.param_space.train_loop_config ?? {}), [
    "clusters.batch_size",
  ]);
  const more = [
    "+tune.param_space.train_loop_config={optimizers.lr: {kind: loguniform, low: 1e-5, high: 1e-3}}",
    "+tune.param_space.train_loop_config={optimizers: {kind: choice, values: ['a b', [1, 2]]}}",
  ];
  const refusal = (...overrides: readonly string[]) => {
    try {
      runnable(run("experiments/nuclei_mae", "+tune=tune", "run_type=tune", ...overrides));
    } catch (error) {
      assert.ok(error instanceof SearchError);
      return `${error.message}\n${error.hint}`;
    }
    return "";
  };
  assert.match(refusal(), /composes and passes its checks, but nothing searches yet/);
  assert.match(
    refusal(),
    /the same command with -m run_type=single_run clusters\.batch_size=16,32$/,
  );
  assert.match(refusal(...more), /optimizers\.lr=0\.00001,0\.001 optimizers='a b',\[1,2\]$/);
});

test("another trainer is refused in words", () => {
  const [part] = missingParts(run("experiments/nuclei_mae", "++trainer.kind=torch_native"));
  assert.equal(part, "trainer.kind: there is no trainer torch_native; there is epoch_based");
});

test("what one rank makes no difference to is accepted: the stages of ZeRO", () => {
  for (const stage of ["zero0", "zero1", "zero2", "zero3"]) {
    assert.deepEqual(missingParts(run(local, `deepspeed=${stage}`)), []);
  }
});

test("predicting asks for what is written, training does not", () => {
  const config = run(local, "inference.save_format=tiff");
  assert.deepEqual(missingParts(config), []);
  assert.match(missingParts({ ...config, job_type: "predict" }).join(), /OME-Zarr is what is/);
});

test("all missing parts are in one error, with exit code 2, and no folder is made", async () => {
  const config = run("experiments/pretrain_4d_jepa");
  const options = {
    config,
    overrides: [],
    isFresh: false,
    command: [],
    signal: new AbortController().signal,
    clock: systemClock,
    stream: process.stderr,
    note: () => {},
  };
  await assert.rejects(trainRun(options), (error) => {
    assert.ok(error instanceof MissingPartError);
    assert.equal(exitCodeOf(error), 2);
    assert.match(
      error.message,
      /^the run needs \d parts that this program does not have yet:\n {2}/,
    );
    return true;
  });
  assert.ok(!existsSync(config.paths.outdir));
  assert.throws(() => runnable(config), MissingPartError);
});
