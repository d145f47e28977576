/** A value that may be written in two places; the program reads the second. */
interface SameKey {
  /** Where the reference platform writes it. */
  readonly from: string;
  readonly to: string;
  /** What `to` is when nobody gave it. */
  readonly otherwise: unknown;
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
].map((key) => ({ from: `datasets.${key}`, to: `datasets.databases.${key}`, otherwise: null }));

const maskDefaults = {
  mask_mode: "RANDOM",
  random_masking_ratio: 0.75,
  num_blocks: 2,
  lateral_mask_scale: 0.5,
  axial_mask_scale: 0.5,
  temporal_mask_scale: [0.5, 1],
  aspect_ratio_scale_hw: [0.75, 1.5],
  channels_to_mask: null,
  time_downsample_pattern: null,
};

const masks: readonly SameKey[] = Object.entries(maskDefaults).map(([key, otherwise]) => ({
  from: `datasets.masking.mask_generators.0.${key}`,
  to: `datasets.masking.${key}`,
  otherwise,
}));

/** Keys of the reference platform that say what a key of ours says; one of the two is enough. */
export const sameKeys: readonly SameKey[] = [
  { from: "schedulers.epochs", to: "trainer.epochs", otherwise: null },
  { from: "trainer_loop.max_steps", to: "trainer.max_steps", otherwise: null },
  { from: "trainer_loop.checkpoint_save_period", to: "checkpoint.every_steps", otherwise: null },
  { from: "trainer_loop.checkpoint_every_n_epochs", to: "checkpoint.every_epochs", otherwise: 1 },
  {
    from: "checkpoint.ray_checkpoint_config.num_to_keep",
    to: "checkpoint.keep_last",
    otherwise: 3,
  },
  { from: "checkpoint.checkpoint_manager.keep_latest_k", to: "checkpoint.keep_last", otherwise: 3 },
  {
    from: "checkpoint.checkpoint_manager.save_period",
    to: "checkpoint.every_epochs",
    otherwise: 1,
  },
  {
    from: "deepspeed.train_micro_batch_size_per_gpu",
    to: "trainer.micro_batch_size",
    otherwise: null,
  },
  { from: "datasets.cdf_target", to: "datasets.databases.cdf_target", otherwise: 90 },
  { from: "datasets.has_annotations", to: "datasets.databases.has_annotations", otherwise: false },
  {
    from: "datasets.use_cached_hypercubes_dataframe",
    to: "datasets.databases.use_cached_hypercubes_dataframe",
    otherwise: false,
  },
  {
    from: "datasets.server_folder_path",
    to: "datasets.databases.server_folder_path",
    otherwise: null,
  },
  { from: "datasets.buffer_capacity", to: "datasets.loader.num_slots", otherwise: 4 },
  { from: "optimizers.opt", to: "optimizers.name", otherwise: "adamw" },
  { from: "schedulers.schedule", to: "schedulers.name", otherwise: "cosine" },
  { from: "optimizers.layer_decay", to: "optimizers.ld", otherwise: null },
  {
    from: "inference.zarr_chunk_spatial_shape",
    to: "inference.zarr_chunk_shape",
    otherwise: [32, 32, 32],
  },
  {
    from: "inference.zarr_shard_spatial_shape",
    to: "inference.zarr_shard_shape",
    otherwise: [128, 128, 128],
  },
  ...selection,
  ...masks,
];

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
