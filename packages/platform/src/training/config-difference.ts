/** One key that two configs of a run disagree on. */
export interface ConfigDifference {
  readonly key: string;
  readonly saved: unknown;
  readonly now: unknown;
}

/**
 * What may change when a run is continued: how long it is, how it is watched, saved and shown, how
 * fast its data travel, and what is done about data that cannot be read. Nothing here changes which
 * samples a step sees, as long as they can be read. Where the data lie is free as well: that they are
 * the same is seen by their records (`hooks/data-keeper.ts`).
 */
const free: readonly string[] = [
  "checkpoint",
  "datasets.buffer_capacity",
  "datasets.collate_fn.device_buffer_capacity",
  "datasets.context",
  "datasets.databases.catalogue_path",
  "datasets.databases.server_folder_path",
  "datasets.device_buffer_capacity",
  "datasets.loader.cache_bytes",
  "datasets.loader.device_slots",
  "datasets.loader.max_skipped",
  "datasets.loader.missing_chunks",
  "datasets.loader.num_slots",
  "datasets.loader.num_threads",
  "datasets.loader.numa",
  "datasets.loader.read_ahead",
  "datasets.loader.read_failure_policy",
  "datasets.loader.timeout_s",
  "datasets.numa_node_affinity_policy",
  "datasets.server_folder_path",
  "evaluation.val_metric",
  "inference",
  "job_type",
  "loggers",
  "network",
  "paths",
  "profiling",
  "schedulers.epochs",
  "trainer.epochs",
  "trainer.max_steps",
  "trainer_loop.max_steps",
  "wandb_project",
  "wandb_tags",
];

/** May change as well when a run goes on with other data, as its user has said that it may. */
const freeWithNewData: readonly string[] = ["datasets.databases.quarantine_path"];

/** Of the machines of a run, only this changes a step: the rest says where and how long it runs. */
const boundInClusters: readonly string[] = [
  "batch_size",
  "batch_size_per_gpu",
  "gpus_per_worker",
  "total_gpus",
  "worker_nodes",
];

/** Of the hooks of a run, those that change what a step does; the others look on. */
const boundHooks: readonly unknown[] = ["ema_scheduler", "weight_decay_schedule"];

export interface DifferenceOptions {
  /** Whether the run may go on with other data. */
  readonly acceptsNewData?: boolean;
}

function isFree(key: string, { acceptsNewData = false }: DifferenceOptions): boolean {
  if (acceptsNewData && freeWithNewData.includes(key)) return true;
  const [, inClusters] = /^clusters\.([^.]+)$/.exec(key) ?? [];
  return free.includes(key) || (inClusters !== undefined && !boundInClusters.includes(inClusters));
}

/** The keys that make `now` another run than `saved`, in the order of the keys. */
export function configDifferences(
  saved: unknown,
  now: unknown,
  options: DifferenceOptions = {},
): readonly ConfigDifference[] {
  return differencesAt("", saved, now, options);
}

/** Whether a run that may go on with other data may differ in just these. */
export function areOfData(differences: readonly ConfigDifference[]): boolean {
  return differences.every(({ key }) => freeWithNewData.includes(key));
}

function differencesAt(
  key: string,
  saved: unknown,
  now: unknown,
  options: DifferenceOptions,
): readonly ConfigDifference[] {
  if (isFree(key, options)) return [];
  if (key === "hooks") {
    const [before, after] = [boundHooksOf(saved), boundHooksOf(now)];
    return differencesAt("hooks.hooks_list", before, after, options);
  }
  if (isRecord(saved) && isRecord(now)) {
    const keys = [...new Set([...Object.keys(saved), ...Object.keys(now)])].sort();
    return keys.flatMap((name) =>
      differencesAt(key === "" ? name : `${key}.${name}`, saved[name], now[name], options),
    );
  }
  return JSON.stringify(saved) === JSON.stringify(now) ? [] : [{ key, saved, now }];
}

function boundHooksOf(hooks: unknown): readonly unknown[] {
  const list = isRecord(hooks) && Array.isArray(hooks.hooks_list) ? hooks.hooks_list : [];
  return list.filter((hook) => isRecord(hook) && boundHooks.includes(hook.name));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
