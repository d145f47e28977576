import { isDeepStrictEqual } from "node:util";
import type { Problem } from "../faults/errors.ts";
import { isNull, type MapNode, nodeAt, toPlain } from "../node/node.ts";
import { shortText } from "../node/short-text.ts";

/** A value that may be written in two places; the program reads the second. */
interface SameKey {
  /** Where the reference platform writes it. */
  readonly from: string;
  readonly to: string;
}

const selected = [
  "max_rois",
  "max_tiles",
  "max_hypercubes",
  "roi_list",
  "tile_list",
  "timepoint_list",
  "hpf_list",
  "occupancy_threshold",
  "cdf_threshold",
  "synthetic_only",
] as const;

const selection: readonly SameKey[] = [
  ...selected,
  "mask_channel_idx",
  "hypercubes_dataframe_path",
].map((key) => ({ from: `datasets.${key}`, to: `datasets.databases.${key}` }));

const masks: readonly SameKey[] = [
  "mask_mode",
  "random_masking_ratio",
  "num_blocks",
  "lateral_mask_scale",
  "axial_mask_scale",
  "temporal_mask_scale",
  "aspect_ratio_scale_hw",
  "channels_to_mask",
  "time_downsample_pattern",
].map((key) => ({
  from: `datasets.masking.mask_generators.0.${key}`,
  to: `datasets.masking.${key}`,
}));

/** Keys of the reference platform that say what a key of ours says; one of the two is enough. */
export const sameKeys: readonly SameKey[] = [
  { from: "schedulers.epochs", to: "trainer.epochs" },
  { from: "trainer_loop.max_steps", to: "trainer.max_steps" },
  { from: "trainer_loop.checkpoint_save_period", to: "checkpoint.every_steps" },
  { from: "trainer_loop.checkpoint_every_n_epochs", to: "checkpoint.every_epochs" },
  {
    from: "checkpoint.ray_checkpoint_config.num_to_keep",
    to: "checkpoint.keep_last",
  },
  { from: "checkpoint.checkpoint_manager.keep_latest_k", to: "checkpoint.keep_last" },
  {
    from: "checkpoint.checkpoint_manager.save_period",
    to: "checkpoint.every_epochs",
  },
  {
    from: "deepspeed.train_micro_batch_size_per_gpu",
    to: "trainer.micro_batch_size",
  },
  { from: "datasets.cdf_target", to: "datasets.databases.cdf_target" },
  { from: "datasets.has_annotations", to: "datasets.databases.has_annotations" },
  {
    from: "datasets.use_cached_hypercubes_dataframe",
    to: "datasets.databases.use_cached_hypercubes_dataframe",
  },
  {
    from: "datasets.server_folder_path",
    to: "datasets.databases.server_folder_path",
  },
  { from: "datasets.buffer_capacity", to: "datasets.loader.num_slots" },
  { from: "datasets.device_buffer_capacity", to: "datasets.loader.device_slots" },
  { from: "datasets.collate_fn.device_buffer_capacity", to: "datasets.loader.device_slots" },
  { from: "datasets.numa_node_affinity_policy", to: "datasets.loader.numa" },
  {
    from: "datasets.context.cache_pool.total_bytes_limit",
    to: "datasets.loader.cache_bytes",
  },
  { from: "optimizers.opt", to: "optimizers.name" },
  { from: "schedulers.schedule", to: "schedulers.name" },
  { from: "optimizers.layer_decay", to: "optimizers.ld" },
  {
    from: "inference.zarr_chunk_spatial_shape",
    to: "inference.zarr_chunk_shape",
  },
  {
    from: "inference.zarr_shard_spatial_shape",
    to: "inference.zarr_shard_shape",
  },
  ...selection,
  ...masks,
];

/** A key, and those that say the same. */
export const keysFor = (key: string): readonly string[] => [
  key,
  ...sameKeys.filter(({ to }) => to === key).map(({ from }) => from),
];

/** What is written in both of two places, and not alike; null is nothing to disagree with. */
export const disagreements = (config: MapNode): readonly Problem[] =>
  sameKeys.flatMap(({ from, to }) => {
    const [here, there] = [nodeAt(config, from.split(".")), nodeAt(config, to.split("."))];
    if (!here || isNull(here) || !there || isDeepStrictEqual(toPlain(here), toPlain(there)))
      return [];
    const message = `must agree with ${to}, which is ${shortText(there)}, got ${shortText(here)}`;
    return [{ key: from, message, source: here.source }];
  });

/** Keys that repeat another one, as [the copy, the key]: the two must agree. */
export const copies: readonly (readonly [copy: string, of: string])[] = [
  ["tasks.task", "task"],
  ["datasets.databases.input_shape", "datasets.input_shape"],
  ["datasets.databases.dataset_layout_order", "dataset_layout_order"],
  ["datasets.preprocessor.input_shape", "datasets.input_shape"],
  ["datasets.preprocessor.patch_shape", "datasets.patch_shape"],
  ["datasets.preprocessor.input_format", "dataset_layout_order"],
  ["datasets.preprocessor.dtype", "quantization"],
  ["datasets.preprocessor.seed", "seed"],
  ["datasets.collate_fn.buffer_dtype", "storage_dtype"],
  ["datasets.collate_fn.sample_shape", "datasets.input_shape"],
  ["datasets.dataset.input_layout", "dataset_layout_order"],
  ["datasets.masking.mask_generators.0.input_shape", "datasets.input_shape"],
  ["datasets.masking.mask_generators.0.patch_shape", "datasets.patch_shape"],
  ["datasets.masking.mask_generators.0.input_format", "dataset_layout_order"],
  ["datasets.masking.mask_generators.0.layout", "dataset_layout_order"],
  ...[...selected, "cdf_target", "has_annotations"].map(
    (key) => [`datasets.dataset.${key}`, `datasets.${key}`] as const,
  ),
  ["datasets.dataset.server_folder_path", "datasets.server_folder_path"],
  ["datasets.dataset.hypercubes_dataframe_path", "datasets.hypercubes_dataframe_path"],
  ["inference.input_shape", "datasets.input_shape"],
  ["inference.patch_shape", "datasets.patch_shape"],
  ["inference.input_format", "dataset_layout_order"],
  ["checkpoint.checkpoint_manager.resume_checkpointdir", "paths.resume_checkpointdir"],
  ["checkpoint.checkpoint_manager.pretrained_checkpointdir", "paths.pretrained_checkpointdir"],
  ["checkpoint.ray_checkpoint_config.checkpoint_score_order", "evaluation.val_mode"],
  ["deepspeed.train_batch_size", "clusters.batch_size"],
  ["models.meta_arch.mae.input_fmt", "dataset_layout_order"],
  ["models.meta_arch.mae.patch_shape", "datasets.patch_shape"],
];
