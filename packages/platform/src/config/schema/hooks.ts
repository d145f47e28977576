import { z } from "zod";
import {
  choice,
  flag,
  group,
  int,
  keys,
  list,
  mapOf,
  number,
  orNull,
  text,
  unused,
} from "./key.ts";

const steps = (description: string) => int(description, { unit: "steps", min: 0, max: 2 ** 40 });
const every = (description: string, unit: string) =>
  int(description, { unit, min: 1, max: 2 ** 40 });
const named = <const N extends string>(name: N, meaning: string) =>
  z.literal(name).describe(meaning);
const backend = () => choice(`whose trainer (${unused})`, ["DEEPSPEED", "TORCHTITAN"]).optional();
const metric = () => text("which metric; not given: evaluation.val_metric").optional();
const mode = () =>
  choice("which is better; not given: evaluation.val_mode", ["min", "max"]).optional();

const anomalyDetector = () =>
  keys({
    name: named("anomaly_detector", "stops at a loss or gradient that is not finite"),
  });
const samplerSetter = () =>
  keys({
    name: named("sampler_setter", "a new order each epoch: our loader has one by itself"),
  });
const freeDeviceBuffer = () =>
  keys({
    name: named("free_device_buffer", "gives device memory back: our loader does by itself"),
  });
const lrScheduler = () =>
  keys({ name: named("lr_scheduler", "sets the learning rate"), backend: backend() });
const iterationTimer = () =>
  keys({
    name: named("iteration_timer", "step and epoch times, and the time left"),
    warmup_iter: steps(`first steps that are not timed (${unused})`).optional(),
  });
const periodicWriter = () => keys({ name: named("periodic_writer", "writes rows of metrics") });
const periodicCheckpointer = () =>
  keys({
    name: named("periodic_checkpointer", "saves, as often as checkpoint says"),
    period: every("epochs between saves; as checkpoint.every_epochs", "epochs").optional(),
    file_prefix: text(`name of the checkpoint (${unused}), every save has its step`).optional(),
    backend: backend(),
    time_interval: orNull(
      z
        .union([
          text("time between saves: 3h30m, 1:30:00"),
          number("seconds between saves", { unit: "s", above: 0, max: 1e8 }),
        ])
        .describe("time between saves: 3h30m, 1:30:00, or seconds; null: not by the clock"),
    ),
  });
const bestCheckpointer = () =>
  keys({
    name: named("best_checkpointer", "keeps the save with the best metric"),
    checkpointdir: text(
      "folder of the checkpoints; as a rule checkpoints/ in paths.outdir",
    ).optional(),
  });
const bestMetricSaver = () =>
  keys({
    name: named("best_metric_saver", "remembers the best metric of a validation"),
    metric_name: metric(),
    compare_fn: mode(),
    eval_after_validation: flag("true: looks after each validation").default(true),
    period: every("validations between looks", "validations").default(1),
  });
const earlyStop = () =>
  keys({
    name: named("early_stop", "stops when the metric no longer gets better"),
    metric_name: metric(),
    mode: mode(),
    patience: every("validations without progress that are endured", "validations"),
    stopping_threshold: number("least change that is progress", {
      unit: "metric",
      min: 0,
      max: 1e12,
    }).default(0),
  });
const weightDecaySchedule = () =>
  keys({
    name: named("weight_decay_schedule", "changes weight decay, as schedulers.wd_scheduler says"),
  });
const emaScheduler = () =>
  keys({
    name: named("ema_scheduler", "how slowly JEPA's target follows, as schedulers.ema says"),
  });
const torchMemoryStats = () =>
  keys({
    name: named("torch_memory_stats", "memory of the device"),
    step_period: every("steps between rows", "steps").default(50),
    epoch_period: every("epochs between tables", "epochs").default(1),
    logdir: text("folder of the tables").optional(),
  });
const torchProfiler = () =>
  keys({
    name: named("torch_profiler", "traces of operators"),
    output_dir: text("folder of the traces; not given: profiling/ in paths.outdir").optional(),
    schedule: group("which steps are traced", () =>
      keys({
        skip_first: steps("left out at the start").default(0),
        wait: steps("left out each time").default(0),
        warmup: steps("left out after those").default(0),
        active: every("traced", "steps").default(1),
        repeat: steps("times; 0: to the end").default(1),
      }),
    ).prefault({}),
    activities: list("what is traced; not given: CPU", z.enum(["CPU", "CUDA"]), {
      max: 2,
    }).optional(),
    save_tensorboard: flag(`traces for TensorBoard, as all are (${unused})`).default(true),
    shutdown_after_profile: flag("true: the run is saved and ends after the traces").default(false),
  });
const nsysProfiler = () =>
  keys({
    name: named("nsys_profiler", "a window for NVIDIA Nsight Systems"),
    start_iter: steps("first step of the window").default(50),
    end_iter: steps("last step of the window").default(55),
    shutdown_after_profile: flag("true: the run ends after the window").default(false),
  });
const garbageCollection = () =>
  keys({
    name: named("garbage_collection", "Python's collector, all ranks at once"),
    gc_freq: every("steps or epochs between collections", "run_on").default(1000),
    run_on: choice("unit of gc_freq", ["step", "epoch"]).default("step"),
    generation: int("how thorough", { unit: "generation", min: 0, max: 2 }).default(1),
    debug: flag("true: cycles are listed").default(false),
    disable_auto_gc: flag("true: it runs at no other time").default(true),
    only_rank0: flag("true: on the first rank only").default(false),
    initial_collect: flag("true: once at the start").default(true),
    reenable_on_end: flag("true: as before when the run ends").default(true),
  });
const memoryDebug = () =>
  keys({
    name: named("memory_debug", "text files with everybody's memory"),
    log_path: text("file").optional(),
    shm_top_n: every("files of shared memory that are listed", "files").default(30),
    include_top_processes: flag("true: the largest processes").default(true),
    include_ray: flag("true: Ray's memory").default(true),
    include_cuda: flag("true: the device's memory").default(true),
    dump_before_train: flag("true: at the start").default(true),
    dump_after_train: flag("true: at the end").default(true),
    dump_after_validation: flag("true: after each validation").default(false),
  });
const adjustTimeout = () =>
  keys({
    name: named("adjust_timeout", "a shorter wait for other ranks after the first step"),
    timeout: number("longest wait", { unit: "s", above: 0, max: 1e7 }),
  });

const Hook = z.lazy(() =>
  z.discriminatedUnion("name", [
    anomalyDetector(),
    samplerSetter(),
    freeDeviceBuffer(),
    lrScheduler(),
    iterationTimer(),
    periodicWriter(),
    periodicCheckpointer(),
    bestCheckpointer(),
    bestMetricSaver(),
    earlyStop(),
    weightDecaySchedule(),
    emaScheduler(),
    torchMemoryStats(),
    torchProfiler(),
    nsysProfiler(),
    garbageCollection(),
    memoryDebug(),
    adjustTimeout(),
  ]),
);
/** One hook of a run, by its name. */
export type HookConfig = z.infer<typeof Hook>;

/** Config group `hooks`: what looks on while a run trains, in the order of the list. */
export const HooksConfig = group("what looks on while a run trains, in the order of the list", () =>
  keys({
    hooks_list: list("the hooks", Hook, { max: 64 }).refine(isEachOnce, {
      error: "has a hook twice: each may be there once",
    }),
    nsys_env: orNull(
      group("environment of Nsight Systems", () =>
        keys({
          nsight: mapOf("its options", z.union([z.string(), z.number(), z.boolean()])),
        }),
      ),
    ),
  }),
);
export type HooksConfig = z.infer<typeof HooksConfig>;

function isEachOnce(hooks: readonly HookConfig[]): boolean {
  return new Set(hooks.map(({ name }) => name)).size === hooks.length;
}
