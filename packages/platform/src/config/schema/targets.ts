/**
 * What a dotted path of the reference platform's Python stands for in a config of ours:
 *
 * - a name: the mapping with that `_target_` or `BUILD` gets the name under `key`;
 * - "value": the mapping is a Python enumeration, and its `value` is all of it;
 * - "nothing": there is one kind of it only, so that it needs no name.
 */
export type Target =
  | { readonly key: "kind" | "name" | "model" | "parallelism"; readonly name: string }
  | { readonly key: "value"; readonly isUpperCase: boolean }
  | { readonly key: "nothing" };

type Names = Readonly<Record<string, string>>;

const under = (prefix: string, key: "kind" | "name" | "model" | "parallelism", names: Names) =>
  Object.entries(names).map(
    ([path, name]) => [`${prefix}.${path}`, { key, name }] as const satisfies [string, Target],
  );
const only = (...paths: readonly string[]) =>
  paths.map((path) => [path, { key: "nothing" }] as const satisfies [string, Target]);

const samplers = [
  "grid_search",
  "choice",
  "uniform",
  "loguniform",
  "quniform",
  "qloguniform",
  "randint",
  "qrandint",
  "lograndint",
  "randn",
];
const searches: Names = {
  "basic_variant.BasicVariantGenerator": "basic_variant",
  "bayesopt.BayesOptSearch": "bayesopt",
  "hyperopt.HyperOptSearch": "hyperopt",
  "optuna.OptunaSearch": "optuna",
};
const tuneSchedulers: Names = {
  FIFOScheduler: "fifo",
  ASHAScheduler: "asha",
  HyperBandScheduler: "hyperband",
  MedianStoppingRule: "median_stopping",
  PopulationBasedTraining: "pbt",
};

/**
 * Every dotted path that we know, without the package's name in front. A path that is not here is
 * reported by its name: nothing is guessed from how it looks. Ray's paths are here twice, since the
 * reference platform's own file has them with a wrong package in the middle.
 */
export const targets: ReadonlyMap<string, Target> = new Map<string, Target>([
  ...under("data.databases", "kind", {
    "supabase_database.SupabaseDatabase": "supabase",
    "trino_database.TrinoDatabase": "trino",
    "local_database.LocalDatabase": "local",
    "duckdb_database.DuckDBDatabase": "duckdb",
  }),
  ...under("data.masking.mask_generator", "kind", { MaskGenerator: "mask_generator" }),
  ["data.masking.mask_generator.MaskModes", { key: "value", isUpperCase: true }],
  ...["MULTICHANNEL_HYPERCUBE", "MULTICHANNEL_4D_HYPERCUBE", "MULTICHANNEL_3D_HYPERCUBE"].map(
    (name) => [`data.data_shapes.${name}`, { key: "value", isUpperCase: false }] as const,
  ),
  ...under("data.transforms", "kind", {
    "normalize.Normalize": "normalize",
    "resize.Resize": "resize",
    "crop.Crop": "crop",
    "noise.MixedPoissonGaussianNoise": "noise",
    "psf.ConvolveWithPSF": "convolve_psf",
    "probabilistic_choice.ProbabilisticChoice": "probabilistic_choice",
  }),
  ...under("models.layers.preprocessor", "kind", {
    RayPreprocessor: "ray",
    ChannelSplitPreprocessor: "channel_split",
    UpsamplePreprocessor: "upsample",
    DenoisingPreprocessor: "denoising",
    InstanceSegmentationPreprocessor: "instance_segmentation",
    ObjectDetectionPreprocessor: "object_detection",
    SemanticSegmentationPreprocessor: "semantic_segmentation",
  }),
  ...under("data.datasets", "kind", {
    "pretrain_dataset.PretrainDataset": "torch",
    "pretrain_dataset_ray.PretrainDatasourceRay": "ray",
    "pretrain_dataset_ray.PinnedTensorCollator": "collator",
    "pretrain_dataset_ray.CollatorActor": "collator",
    "pretrain_dataset_ray.FinetuneCollatorActor": "finetune_collator",
  }),
  ...under("models.meta_arch", "model", {
    "maskedautoencoder.BUILD": "mae",
    "jepa.BUILD": "jepa",
    "plainDETR.BUILD": "plainDETR",
    "maskdino.BUILD": "maskdino",
    "mask2former.BUILD": "mask2former",
    "autobench.BUILD": "autobench",
    "autobench.ChannelSplitAutoBench.BUILD": "autobench",
    "autobench.DenoisingAutoBench.BUILD": "autobench",
    "autobench.UpsampleSpaceAutoBench.BUILD": "autobench",
  }),
  ...under("parallelism", "parallelism", {
    "mae.PARALLELIZE": "mae",
    "jepa.PARALLELIZE": "jepa",
    "ChannelSplitAutoBench.PARALLELIZE": "autobench",
  }),
  ...under("models.adapters", "name", {
    "vit_adapter.BUILD": "vit_adapter",
    "vit_det.BUILD": "vit_det",
  }),
  ...under("models.backbones", "name", {
    "maskedencoder.BUILD": "masked_vit",
    "maskdino_backbone.BUILD": "maskdino",
    "mask2former_backbone.BUILD": "mask2former",
    "plain_detr_backbone.BUILD": "plain_detr",
  }),
  ...under("models.heads", "name", {
    "plain_detr_backbone.BUILD": "plain_detr",
    "linear_head.BUILD": "linear",
  }),
  ...only(
    "models.backbones.vit.BUILD",
    "models.backbones.convnext.BUILD",
    "models.heads.plain_detr_transformer.BUILD",
    "models.heads.maskdino_decoder.BUILD",
    "models.heads.mask2former_decoder.BUILD",
    "models.heads.mask2former_decoder.MultiScaleMaskedTransformerDecoder.BUILD",
    "models.heads.pixel_decoders.BUILD",
    "models.heads.maskedpredictor.BUILD",
    "models.heads.dense_predictor_head.BUILD",
    "models.layers.matchers.build_plain_detr_matcher",
    "models.utils.matchers.HungarianMatcher.BUILD",
    "training.losses.build_plainDETR_Set_Loss",
    "training.losses.Mask2FormerSetLoss.BUILD",
    "training.losses.DETR_Set_Loss.BUILD",
  ),
  ...under("training.hooks", "name", {
    AnomalyDetector: "anomaly_detector",
    SamplerSetter: "sampler_setter",
    FreeDeviceBufferHook: "free_device_buffer",
    LRScheduler: "lr_scheduler",
    IterationTimer: "iteration_timer",
    PeriodicWriter: "periodic_writer",
    PeriodicCheckpointer: "periodic_checkpointer",
    BestCheckpointer: "best_checkpointer",
    BestMetricSaver: "best_metric_saver",
    EarlyStopHook: "early_stop",
    WeightDecayScheduleHook: "weight_decay_schedule",
    EMASchedulerHook: "ema_scheduler",
    TorchMemoryStats: "torch_memory_stats",
    TorchProfiler: "torch_profiler",
    NsysProfilerHook: "nsys_profiler",
    GarbageCollectionHook: "garbage_collection",
    MemoryDebugHook: "memory_debug",
    AdjustTimeoutHook: "adjust_timeout",
  }),
  ...under("training.loggers", "kind", {
    LocalEventWriter: "csv",
    WandBEventWriter: "wandb",
    EventWriterList: "event_writer_list",
    EventRecorder: "event_recorder",
  }),
  ...under("training.checkpoint", "kind", {
    CheckpointManager: "deepspeed",
    DCPCheckpointManager: "dcp",
  }),
  ...under("training.loops", "kind", {
    EpochBasedTrainer: "epoch_based",
    ParallelEpochBasedTrainer: "parallel_epoch_based",
    TorchNativeTrainer: "torch_native",
    TestTrainer: "test",
    Inferencer: "inferencer",
    train_loop_per_worker: "train_loop_per_worker",
  }),
  ...under("evaluation", "kind", {
    "base_evaluation.BaseEvaluator": "base",
    "instance_segmentation_evaluator.InstanceSegmentationEvaluator": "instance_segmentation",
    "semantic_segmentation_evaluator.SemanticSegmentationEvaluator": "semantic_segmentation",
    "automated_benchmark_evaluator.AutomatedBenchmarkEvaluator": "automated_benchmark",
    "pretrain_evaluator.PretrainEvaluator": "pretrain",
  }),
  ...under("inference.inferencer", "kind", { InferencerWorker: "inferencer_worker" }),
  ...["ray.tune", "ray.cell_observatory_platform.evaluation"].flatMap((ray) => [
    ...only(`${ray}.TuneConfig`),
    ...under(ray, "kind", Object.fromEntries(samplers.map((name) => [name, name]))),
    ...under(`${ray}.search`, "kind", searches),
    ...under(`${ray}.schedulers`, "kind", tuneSchedulers),
  ]),
]);

/** Python packages whose name may stand before a path; older configs leave it out. */
export const packageNames = ["cell_observatory_platform", "cell_observatory_finetune"] as const;
