import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { missingParts } from "../src/catalog/missing-parts.ts";
import { runnable } from "../src/catalog/runnable-config.ts";
import { SearchError } from "../src/catalog/search-error.ts";
import { composeRun, planJob, searchPathOf } from "../src/config/index.ts";

// Every command and every name of a config in the README of the reference platform. Each composes;
// then it runs, or it is refused by a sentence that says what is not there. What is refused today may
// be built tomorrow: a refusal must be one that is named here, and none is needed.

const folder = mkdtempSync(join(tmpdir(), "readme-names-"));
after(() => rmSync(folder, { recursive: true }));

const env = {
  DATA_DIR: "/data",
  STORAGE_SERVER_DIR: "/storage",
  REPO_DIR: "/repo",
  REPO_NAME: "cell_observatory_platform",
};
const local = "configs/test_pretrain_4d_mae_local.yaml";
const compose = (overrides: readonly string[], configName = local) =>
  composeRun({ configName, overrides, configDirs: [], env }).config;

type Row = readonly [name: string, overrides: string | readonly string[], missing?: RegExp];

const hook = (name: string, more = "") =>
  `++hooks.hooks_list=[{_target_: training.hooks.${name}${more}}]`;
const transform = (path: string, more = "") => [
  "datasets.preprocessor.normalize=none",
  `++datasets.preprocessor.transforms_list=[{_target_: data.transforms.${path}${more}}]`,
];
const preprocessor = (name: string) =>
  `++datasets.preprocessor._target_=models.layers.preprocessor.${name}`;

const rows: readonly Row[] = [
  // its first config, and what its snippets set
  ["experiment_name", "experiment_name=test_cell_observatory_platform"],
  ["wandb_project", "wandb_project=test_cell_observatory_platform"],
  ["paths.outdir", "paths.outdir='${paths.data_path}/pretrained_models/${experiment_name}'"],
  ["paths.resume_checkpointdir", "paths.resume_checkpointdir=null"],
  ["paths.pretrained_checkpointdir", "paths.pretrained_checkpointdir=null"],
  ["clusters", "clusters={batch_size: 2, worker_nodes: 1, gpus_per_worker: 1, cpus_per_gpu: 4}"],
  ["clusters.mem_per_cpu", "clusters.mem_per_cpu=16000"],
  ["configs/paths/local.yaml", "paths=local"],
  ["configs/clusters/local.yaml", "clusters=local"],
  ["clusters: abc_a100", "clusters=abc_a100", /clusters\./],
  ["paths: abc", "paths=abc"],
  ["clusters: janelia_h100", "clusters=janelia_h100", /clusters\./],
  ["paths: janelia", "paths=janelia"],
  ["launcher_type: SLURM", "clusters.launcher_type=slurm", /nothing is started on slurm/],
  ["launcher_type: LSF", "clusters.launcher_type=lsf", /nothing is started on lsf/],
  ["run_type", "run_type=single_run"],
  // data
  [
    "the Supabase database of its example",
    [
      "++datasets.databases._target_=data.databases.supabase_database.SupabaseDatabase",
      "datasets.databases.use_cached_hypercubes_dataframe=true",
      "++datasets.databases.hypercubes_dataframe_path='${paths.data_path}/databases/hypercubes.csv'",
      "datasets.databases.server_folder_path=/groups/betzig/data",
    ],
    /supabase|CSV/,
  ],
  ["RayPreprocessor", preprocessor("RayPreprocessor")],
  ["ChannelSplitPreprocessor", preprocessor("ChannelSplitPreprocessor"), /channel_split/],
  ["UpsamplePreprocessor", preprocessor("UpsamplePreprocessor"), /upsample/],
  [
    "InstanceSegmentationPreprocessor",
    preprocessor("InstanceSegmentationPreprocessor"),
    /instance_segmentation/,
  ],
  ["Resize", transform("resize.Resize", ", target_spatial_shape: [16, 64, 64]"), /resize/],
  ["Crop", transform("crop.Crop", ", target_spatial_shape: [16, 64, 64]"), /crop/],
  ["Normalize", transform("normalize.Normalize").slice(1)],
  [
    "ProbabilisticChoice",
    transform(
      "probabilistic_choice.ProbabilisticChoice",
      ", transforms: [{kind: crop, target_spatial_shape: [16, 64, 64]}], probs: [1.0]",
    ),
    /probabilistic_choice/,
  ],
  ...["BLOCKED", "BLOCKED_TIME_ONLY", "BLOCKED_SPACE_ONLY", "RANDOM", "RANDOM_SPACE_ONLY"].map(
    (mode) => [mode, `datasets.masking.mask_mode=${mode}`, /mask/] as const,
  ),
  [
    "BLOCKED_PATTERNED",
    [
      "datasets.masking.mask_mode=BLOCKED_PATTERNED",
      "++datasets.masking.time_downsample_pattern=[1,0]",
    ],
    /mask/,
  ],
  // training
  ...[1, 2, 3].map((stage) => [`ZeRO stage ${stage}`, `deepspeed=zero${stage}`] as const),
  ["bf16", "quantization=bfloat16"],
  ["fp16", "quantization=float16", /float16/],
  ["tensor parallelism", tooMany("tensor_parallel_degree"), /parallel|ranks/],
  ["context parallelism", tooMany("context_parallel_degree"), /parallel|ranks/],
  ["FSDP", tooMany("data_parallel_shard_degree"), /parallel|ranks/],
  [
    "torch.compile",
    "++optimizations.models.mae.torch_compile.enable=true",
    /torch_compile\.enable: nothing is compiled/,
  ],
  [
    "activation checkpointing",
    "++optimizations.models.mae.activation_checkpoint.enable=true",
    /activation_checkpoint\.enable: activations/,
  ],
  ["AdamW", "optimizers=adamw_mae"],
  ["LAMB", "optimizers=lamb_mae", /no optimizer lamb|one learning rate/],
  ["Lion", "optimizers=lion_mae", /no optimizer lion|one learning rate/],
  ["Muon", "optimizers=muon_mae", /no optimizer muon|one learning rate/],
  ["IterationTimer", hook("IterationTimer")],
  ["LRScheduler", hook("LRScheduler")],
  ["WeightDecayScheduleHook", hook("WeightDecayScheduleHook"), /no hook weight_decay_schedule/],
  ["PeriodicWriter", hook("PeriodicWriter")],
  ["PeriodicCheckpointer", hook("PeriodicCheckpointer")],
  ["BestCheckpointer", hook("BestCheckpointer")],
  ["BestMetricSaver", hook("BestMetricSaver")],
  ["TorchMemoryStats", hook("TorchMemoryStats"), /no hook torch_memory_stats/],
  ["TorchProfiler", hook("TorchProfiler")],
  ["NsysProfilerHook", hook("NsysProfilerHook"), /no hook nsys_profiler/],
  ["EarlyStopHook", hook("EarlyStopHook", ", patience: 3")],
  ["EMASchedulerHook", hook("EMASchedulerHook"), /no hook ema_scheduler/],
  ["FreeDeviceBufferHook", hook("FreeDeviceBufferHook")],
  ["AnomalyDetector", hook("AnomalyDetector")],
  ["GarbageCollectionHook", hook("GarbageCollectionHook"), /no hook garbage_collection/],
  ["MemoryDebugHook", hook("MemoryDebugHook"), /no hook memory_debug/],
  ["AdjustTimeoutHook", hook("AdjustTimeoutHook", ", timeout: 60"), /no hook adjust_timeout/],
  // logs, profiles, evaluation
  [
    "WandBEventWriter",
    "loggers.event_writers=[{_target_: training.loggers.WandBEventWriter}]",
    /Weights & Biases/,
  ],
  ["LocalEventWriter", "loggers.event_writers=[{_target_: training.loggers.LocalEventWriter}]"],
  ["EventRecorder", "++loggers.event_recorder._target_=training.loggers.EventRecorder"],
  ["MetricsProcessor", "++trainer_loop.with_perf_metrics=true", /with_perf_metrics/],
  ["pprof", ["+profiling=profiling", "profiling.enable=true"]],
  // inference
  ["InferencerWorker", "++inference._target_=inference.inferencer.InferencerWorker"],
  ["stitch_volume", ["job_type=predict", "++inference.aggregate_mode=stitch_volume"]],
  ["save_local", ["job_type=predict", "++inference.aggregate_mode=save_local"], /stitched/],
  ...(
    [
      ["detection", "plaindetr"],
      ["instance_segmentation", "maskdino"],
      ["semantic_segmentation", "mask2former"],
      ["dense_prediction", "dense"],
      ["feature_extractor", "feature_extractor"],
    ] as const
  ).map(
    ([name, head]) =>
      [
        `inference of ${name}`,
        ["job_type=predict", `inference.task=${name}`, `++inference.decoder_head_type=${head}`],
        /decoder_head_type/,
      ] as const,
  ),
  ["inference of pretrain", ["job_type=predict", "inference.task=pretrain"]],
  ["job_type: test", "job_type=test"],
];

function tooMany(degree: string): readonly string[] {
  return ["+parallelism=mae", `parallelism.training.${degree}=2`, "clusters.gpus_per_worker=2"];
}

function ensureSaid(config: ReturnType<typeof compose>, missing: RegExp | undefined) {
  const parts = missingParts(config);
  for (const part of parts) assert.match(part, missing ?? /^none is expected$/);
}

for (const [name, overrides, missing] of rows) {
  test(`${name} composes, and runs or is refused by its name`, () => {
    ensureSaid(compose([overrides].flat()), missing);
  });
}

for (const [name, config, model] of [
  ["MAE", "pretrain_4d_mae", "mae"],
  ["JEPA", "pretrain_4d_jepa", "jepa"],
  ["plainDETR", "object_detection_plaindetr", "plainDETR"],
  ["MaskDINO", "instance_segmentation_maskdino", "maskdino"],
  ["Mask2Former", "semantic_segmentation_mask2former", "mask2former"],
  ["the model of its channel split", "channel_split_autobench", "autobench"],
] as const) {
  test(`${name} has an experiment, which runs or is refused by the keys that it lacks`, () => {
    const parts = missingParts(compose([], `experiments/${config}`));
    for (const part of parts) assert.match(part, /^[a-z_]+(?:\.\w+)*: \w.{9,}/);
    const isBuilt = !parts.some((part) => part.startsWith("models.meta_arch:"));
    assert.ok(isBuilt || parts.some((part) => part.includes(`no model ${model};`)), `${parts}`);
  });
}

for (const [trainer, missing] of [
  ["EpochBasedTrainer", undefined],
  ["ParallelEpochBasedTrainer", /trainer\.kind: .*parallel_epoch_based/],
] as const) {
  test(`${trainer} is read as a config has it, and runs or is refused by its name`, () => {
    const text = `defaults: [test_pretrain_4d_mae_local, _self_]\ntrainer: training.loops.${trainer}\n`;
    writeFileSync(join(folder, "mine.yaml"), text);
    const request = { configName: "mine", overrides: [], configDirs: [folder], env };
    ensureSaid(composeRun(request).config, missing);
  });
}

test("the folders of its configuration layout are there, each with an option", () => {
  const searchPath = searchPathOf([]);
  const empty = [
    ...["models", "datasets", "tasks", "optimizers", "schedulers", "optimizations", "hooks"],
    ...["checkpoint", "deepspeed", "parallelism", "clusters", "paths", "loggers", "profiling"],
    ...["trainer", "evaluation", "inference", "tune", "benchmarks", "experiments"],
    ...["datasets/databases", "datasets/preprocessor", "models/backbones", "models/heads"],
  ].filter((group) => {
    const below = searchPath
      .groups(group)
      .flatMap((name) => searchPath.options(`${group}/${name}`));
    return searchPath.options(group).length + below.length === 0;
  });
  assert.deepEqual(empty, []);
});

for (const task of ["channel_split", "instance_segmentation", "upsample_space", "upsample_time"]) {
  test(`its task ${task} composes, and is refused by its name`, () => {
    ensureSaid(compose([`+tasks=${task}`, `task=${task}`]), new RegExp(task));
  });
}

test("run_type multi_run with a runs list is a list of runs, and tune is refused in a sentence", () => {
  const job = planJob({
    configName: "benchmarks/training_4d_sweep",
    configDirs: [],
    env,
    overrides: [],
    isSweep: false,
  });
  assert.equal(job.kind, "several");
  assert.throws(() => runnable(compose(["+tune=tune", "run_type=tune"])), SearchError);
});

const page = readFileSync(
  join(import.meta.dirname, "../../../docs/how-to/coming-from-the-python-platform.md"),
  "utf8",
);
for (const command of [
  "python manager.py --config-name",
  "docker pull",
  "docker run",
  "git clone --recurse-submodules",
  "git pull --recurse-submodules",
  "apptainer pull",
  "apptainer build",
  "`.env.example` to `.env`",
]) {
  test(`what becomes of its command ${command} is said`, () => {
    assert.ok(page.includes(command), command);
  });
}

for (const name of [
  ...["SUPABASE_USER", "SUPABASE_PASS", "TRINO_USER", "TRINO_PASS", "SUPABASE_STAGING_ID"],
  ...["SUPABASE_PROD_ID", "WANDB_API_KEY", "SUPABASE_STAGING_URI", "SUPABASE_PROD_URI"],
  ...["REPO_NAME", "REPO_DIR", "DATA_DIR", "STORAGE_SERVER_DIR", "PYTHONPATH"],
]) {
  test(`what becomes of its variable ${name} is said, and .env.example has it`, () => {
    assert.ok(page.includes(`\`${name}\``), name);
    const example = readFileSync(join(import.meta.dirname, "../../../.env.example"), "utf8");
    assert.ok(name === "PYTHONPATH" || example.includes(name), name);
  });
}
