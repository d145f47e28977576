import { join } from "node:path";
import type { RunConfig } from "../../config/index.ts";
import type { Row } from "./row.ts";

/** What the run is, as a whole. */
export function ofRun({ task, quantization, trainer, paths }: RunConfig): readonly Row[] {
  return [
    ["task", task !== "pretrain", `${task} is no task that is trained here; there is pretrain`],
    [
      "quantization",
      quantization === "float16",
      "there is no training in float16; there are float32 and bfloat16",
    ],
    [
      "trainer.kind",
      trainer.kind !== "epoch_based",
      `there is no trainer ${trainer.kind}; there is epoch_based`,
    ],
    [
      "paths.resume_checkpointdir",
      paths.resume_checkpointdir !== null &&
        join(paths.resume_checkpointdir) !== join(paths.outdir, "checkpoints"),
      "a run goes on from its own folder only: the same command does it",
    ],
    [
      "paths.pretrained_checkpointdir",
      paths.pretrained_checkpointdir !== null,
      "a run starts from random weights",
    ],
  ];
}

/** Where it runs, and what is divided between ranks. */
export function ofMachines({ clusters, deepspeed, parallelism }: RunConfig): readonly Row[] {
  const { launcher_type, worker_nodes, gpus_per_worker } = clusters;
  const ranks = worker_nodes * gpus_per_worker;
  const zero = deepspeed?.zero_optimization;
  const offloads = [zero?.offload_optimizer, zero?.offload_param];
  const writers = [deepspeed?.tensorboard, deepspeed?.csv_monitor, deepspeed?.wandb];
  return [
    [
      "clusters.launcher_type",
      launcher_type !== "local",
      `nothing is started on ${launcher_type}; there is local`,
    ],
    [
      worker_nodes > 1 ? "clusters.worker_nodes" : "clusters.gpus_per_worker",
      ranks > 1,
      `nothing is divided between ${ranks} ranks; a run has one`,
    ],
    ["clusters.chain_jobs", clusters.chain_jobs > 1, "jobs are not chained"],
    [
      "deepspeed.zero_optimization",
      offloads.some((offload) => (offload?.device ?? "none") !== "none"),
      "nothing is offloaded from the device; set both devices to none",
    ],
    [
      "deepspeed",
      writers.some((writer) => writer?.enabled === true),
      "DeepSpeed's own writers (tensorboard, csv_monitor, wandb) are not there; loggers has ours",
    ],
    [
      "deepspeed.flops_profiler.enabled",
      deepspeed?.flops_profiler?.enabled === true,
      "operations are not counted",
    ],
    ["deepspeed.wall_clock_breakdown", deepspeed?.wall_clock_breakdown === true, "it is not there"],
    ...Object.entries(parallelism?.training ?? {}).flatMap(([name, degree]): readonly Row[] =>
      name.endsWith("_degree") && typeof degree === "number"
        ? [[`parallelism.training.${name}`, degree > 1, "a run has one rank; -1 and 1 are that"]]
        : [],
    ),
    [
      "parallelism.quantize.enable",
      parallelism?.quantize?.enable === true,
      "there are no 8-bit or 4-bit layers",
    ],
    [
      "parallelism.fault_tolerance.enable",
      parallelism?.fault_tolerance?.enable === true,
      "a run does not go on without a rank; it has one",
    ],
    [
      "parallelism.training.enable_cpu_offload",
      parallelism?.training.enable_cpu_offload === true,
      "nothing is offloaded from the device",
    ],
  ];
}
