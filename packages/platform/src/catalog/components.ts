import { join } from "node:path";
import type { Generator } from "@cell-observatory/engine";
import type {
  HookConfig,
  MaeConfig,
  OptimizersConfig,
  RunConfig,
  SchedulersConfig,
} from "../config/index.ts";
import { buildMae, type MaskedAutoencoder } from "../models/index.ts";
import type { Clock } from "../telemetry/index.ts";
import {
  AdamW,
  anomalyDetector,
  bestCheckpointer,
  bestMetricSaver,
  earlyStop,
  type Hook,
  iterationTimer,
  lrScheduler,
  type Optimizer,
  type ParameterGroup,
  periodicCheckpointer,
  periodicWriter,
  type RunLength,
  type Schedule,
  torchProfiler,
  warmupCosine,
} from "../training/index.ts";

/** What a hook of a run is built from. */
interface HookParts {
  readonly run: RunConfig;
  readonly clock: Clock;
  readonly hasValidation: boolean;
}

type HookOf<N extends HookConfig["name"]> = Extract<HookConfig, { readonly name: N }>;

const adamw = (groups: readonly ParameterGroup[], config: OptimizersConfig): Optimizer =>
  new AdamW(groups, config);

/**
 * The registry: names that a config may say, and what they build; null is a hook whose work needs
 * none here. The schemas know more names: a run that has one of those is refused by its name.
 */
export const components = {
  models: {
    mae: (config: MaeConfig, rng: Generator): MaskedAutoencoder => buildMae(config, rng),
  },
  optimizers: { adamw, adamw_torch: adamw },
  schedulers: {
    cosine: (lr: number, config: SchedulersConfig, length: RunLength): Schedule =>
      warmupCosine(lr, config, length),
  },
  hooks: {
    anomaly_detector: (_: HookOf<"anomaly_detector">, { run }: HookParts) =>
      anomalyDetector({ folder: join(run.paths.outdir, "anomalies") }),
    sampler_setter: () => null, // the order is a function of seed and epoch
    free_device_buffer: () => null, // a batch's memory is given back by its scope
    lr_scheduler: () => lrScheduler(),
    iteration_timer: (_: HookOf<"iteration_timer">, { clock }: HookParts) => iterationTimer(clock),
    periodic_writer: () => periodicWriter(),
    periodic_checkpointer: (hook: HookOf<"periodic_checkpointer">, { run }: HookParts) =>
      periodicCheckpointer({
        ...run.checkpoint,
        every_epochs: hook.period ?? run.checkpoint.every_epochs,
      }),
    best_checkpointer: (_: HookOf<"best_checkpointer">, { run, hasValidation }: HookParts) =>
      hasValidation && run.checkpoint.keep_best ? bestCheckpointer(run.evaluation) : null,
    best_metric_saver: (_: HookOf<"best_metric_saver">, { run, hasValidation }: HookParts) =>
      hasValidation ? bestMetricSaver(run.evaluation) : null,
    early_stop: (hook: HookOf<"early_stop">, { run, hasValidation }: HookParts) =>
      hasValidation
        ? earlyStop({
            ...hook,
            metric: hook.metric_name ?? run.evaluation.val_metric,
            mode: hook.mode ?? run.evaluation.val_mode,
          })
        : null,
    torch_profiler: (hook: HookOf<"torch_profiler">, { run }: HookParts) =>
      torchProfiler({
        ...hook,
        folder: hook.output_dir ?? join(run.paths.outdir, "profiling"),
        cuda: hook.activities?.includes("CUDA") ?? false,
      }),
  },
} satisfies {
  readonly models: Readonly<Record<string, unknown>>;
  readonly optimizers: Partial<Readonly<Record<OptimizersConfig["name"], unknown>>>;
  readonly schedulers: Partial<Readonly<Record<SchedulersConfig["name"], unknown>>>;
  readonly hooks: { readonly [N in HookConfig["name"]]?: HookBuilder<N> };
};

type HookBuilder<N extends HookConfig["name"]> = (hook: HookOf<N>, parts: HookParts) => Hook | null;

/** The hooks that a config lists, built; none that has nothing to do here. */
export function hooksOf(run: RunConfig, parts: Omit<HookParts, "run">): readonly Hook[] {
  const list = [...(run.hooks?.hooks_list ?? usualHooks), ...ofProfiling(run)];
  return list.flatMap((hook) => {
    const build = (components.hooks as Readonly<Record<string, HookBuilder<never> | undefined>>)[
      hook.name
    ];
    const built = build?.(hook as never, { ...parts, run }) ?? null;
    return built === null ? [] : [built];
  });
}

/** `profiling.enable` is the hook with its usual schedule, in one word. */
function ofProfiling({ profiling }: RunConfig): readonly HookConfig[] {
  if (profiling?.enable !== true) return [];
  const { outdir: output_dir, skip_steps: skip_first, steps: active } = profiling;
  return [
    {
      name: "torch_profiler",
      ...(output_dir === undefined ? {} : { output_dir }),
      schedule: { skip_first, wait: 0, warmup: 0, active, repeat: 1 },
      save_tensorboard: true,
      shutdown_after_profile: false,
    },
  ];
}

/** The reference platform's default hooks, in its order. */
const usualHooks = [
  { name: "anomaly_detector" },
  { name: "lr_scheduler" },
  { name: "iteration_timer" },
  { name: "periodic_writer" },
  { name: "periodic_checkpointer", time_interval: null },
  { name: "best_metric_saver", eval_after_validation: true, period: 1 },
  { name: "best_checkpointer" },
] as const satisfies readonly HookConfig[];
