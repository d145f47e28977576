import { z } from "zod";
import {
  choice,
  flag,
  fraction,
  group,
  int,
  keys,
  list,
  mapOf,
  number,
  ofLaunchers,
  orNull,
  text,
} from "./key.ts";

const nodes = (description: string) => int(description, { unit: "machines", min: 1, max: 65536 });
const cpus = (description: string) => int(description, { unit: "cores", min: 0, max: 2 ** 20 });
const gpus = (description: string) => int(description, { unit: "GPUs", min: 0, max: 2 ** 20 });
const megabytes = (description: string) =>
  number(description, { unit: "MB", above: 0, max: 2 ** 40 });

/** How Ray keeps checkpoints and failures of one run. */
const RayRunConfig = group(`how Ray keeps a run's checkpoints (${ofLaunchers})`, () =>
  keys({
    log_to_file: flag("true: Ray copies the workers' output to files").optional(),
    storage_path: orNull(text("folder that Ray writes to")),
    checkpoint_config: group("which of Ray's checkpoints are kept", () =>
      keys({
        num_to_keep: int("checkpoints", { unit: "checkpoints", min: 1, max: 1e6 }).default(3),
        checkpoint_score_attribute: text("what they are judged by").default("loss"),
        checkpoint_score_order: choice("which is better", ["min", "max"]).default("min"),
      }),
    ).prefault({}),
    failure_config: group("what happens after a failure", () =>
      keys({
        max_failures: int("restarts; -1: without end", {
          unit: "restarts",
          min: -1,
          max: 1e6,
        }).default(0),
      }),
    ).prefault({}),
  }),
);

const RayScalingConfig = group(`what Ray gives to each worker (${ofLaunchers})`, () =>
  keys({
    use_gpu: flag("true: a worker has a GPU").default(true),
    num_workers: orNull(int("workers", { unit: "workers", min: 1, max: 2 ** 20 })),
    resources_per_worker: group("of one worker", () =>
      keys({ CPU: cpus("cores; 0: as Ray decides").default(0), GPU: gpus("GPUs").default(1) }),
    ).prefault({}),
    trainer_resources: group("of the coordinator", () =>
      keys({ CPU: cpus("cores").default(0) }),
    ).prefault({}),
  }),
);

/** Config group `clusters`: the machines of a run, and the batch that they share. */
export const ClustersConfig = group("the machines of a run, and the batch that they share", () =>
  keys({
    launcher_type: choice("who starts the processes", ["local", "slurm", "lsf", "runai"]).default(
      "local",
    ),
    batch_size: int("samples in one optimizer step, over all ranks", {
      unit: "samples",
      min: 1,
      max: 2 ** 20,
    }),
    worker_nodes: nodes("machines").default(1),
    gpus_per_worker: int("ranks on a machine; a CPU counts as one", {
      unit: "ranks",
      min: 1,
      max: 1024,
    }).default(1),
    cpus_per_gpu: cpus(`cores of each rank (${ofLaunchers})`).optional(),
    mem_per_cpu: megabytes(`memory of each core (${ofLaunchers})`).optional(),
    job_name: text(`name of the job in the queue (${ofLaunchers})`).optional(),
    partition: orNull(text(`queue or partition (${ofLaunchers})`)),
    qos: orNull(text(`quality of service, for SLURM (${ofLaunchers})`)),
    python_env: text(`Python of the Ray workers (${ofLaunchers})`).optional(),
    multijob_submission: flag(`true: each machine is a job of its own (${ofLaunchers})`).default(
      false,
    ),
    chain_jobs: int("jobs in a row, each going on where the one before stopped", {
      unit: "jobs",
      min: 1,
      max: 1000,
    }).default(1),
    chain_min_runtime: number(
      `a job that ends sooner, unfinished, is the last of the chain (${ofLaunchers})`,
      {
        unit: "s",
        min: 0,
        max: 1e8,
      },
    ).default(1200),
    env: mapOf(
      `environment of the workers, true as 1, null left out (${ofLaunchers})`,
      z.union([z.string(), z.number(), z.boolean(), z.null()]),
    ).optional(),
    cpus_per_worker: cpus(`cores of a machine (${ofLaunchers})`).optional(),
    mem_per_worker: megabytes(`memory of a machine (${ofLaunchers})`).optional(),
    total_gpus: gpus("ranks over all machines").optional(),
    total_cpus: cpus(`cores over all machines (${ofLaunchers})`).optional(),
    batch_size_per_gpu: int("samples of one rank in one optimizer step", {
      unit: "samples",
      min: 1,
      max: 2 ** 20,
    }).optional(),
    cpus_for_training_coordinator: cpus(`cores of the coordinator (${ofLaunchers})`).default(0),
    head_node_cpus: cpus(`cores of the first machine (${ofLaunchers})`).optional(),
    head_node_gpus: gpus(`GPUs of the first machine (${ofLaunchers})`).optional(),
    head_node_mem: megabytes(`memory of the first machine (${ofLaunchers})`).optional(),
    ray_queue_memory: fraction(
      `part of the memory that Ray's object store has (${ofLaunchers})`,
    ).default(0.35),
    object_store_memory: number(`memory of Ray's object store (${ofLaunchers})`, {
      unit: "bytes",
      min: 0,
      max: 2 ** 53,
    }).optional(),
    exclusive: orNull(flag(`true: nobody else's jobs on these machines (${ofLaunchers})`)),
    nodelist: orNull(
      z
        .union([text("names of machines"), list("names", text("name"))])
        .describe(`machines by name; null: any (${ofLaunchers})`),
    ),
    dependency: orNull(text(`job that must end before this one begins (${ofLaunchers})`)),
    constraint: orNull(text(`features that a machine must have, for SLURM (${ofLaunchers})`)),
    timelimit: orNull(
      z
        .union([
          text("as the scheduler writes it: 2-00:00:00"),
          int("minutes; what YAML makes of 48:00", { unit: "min", min: 1, max: 1e7 }),
        ])
        .describe(`longest time of the job; null: the queue's (${ofLaunchers})`),
    ),
    max_worker_heartbeat_timeout: number(
      `silence after which a worker counts as dead (${ofLaunchers})`,
      {
        unit: "min",
        above: 0,
        max: 1e5,
      },
    ).default(2),
    run_config: RayRunConfig.optional(),
    torch_config: group(`of the process group (${ofLaunchers})`, () =>
      keys({
        timeout_s: number("longest wait for another rank", {
          unit: "s",
          above: 0,
          max: 1e7,
        }).default(3600),
      }),
    ).prefault({}),
    scaling_config: RayScalingConfig.optional(),
  }),
);
export type ClustersConfig = z.infer<typeof ClustersConfig>;
