import { selectionKeys } from "./databases.ts";
import {
  choice,
  flag,
  fraction,
  group,
  int,
  keys,
  list,
  number,
  orNull,
  text,
  unused,
} from "./key.ts";
import { layout, shape } from "./layout.ts";

// What the reference platform says of its loaders, which are Ray actors; ours is `datasets.loader`.

const actors = (description: string) =>
  int(description, { unit: "actors", min: 1, max: 1e5 }).optional();
const pinned = `host memory stays where it is (${unused}: for a GPU it always does)`;
const copied = `batches are copied while the step goes on (${unused}: to a GPU they always are)`;

/** Keys that it has beside the others of `datasets`. */
export const rayLoaderKeys = () => ({
  batch_size: int("samples of one rank in one step; as clusters.batch_size_per_gpu", {
    unit: "samples",
    min: 1,
    max: 2 ** 20,
  }).optional(),
  num_workers: int(`processes of the torch loader (${unused})`, {
    unit: "processes",
    min: 0,
    max: 1e5,
  }).optional(),
  prefetch_factor: int(`batches that each process reads ahead (${unused})`, {
    unit: "batches",
    min: 0,
    max: 1e5,
  }).optional(),
  return_dataloader: flag(`a loader, and not its parts (${unused})`).optional(),
  distributed_sampler: flag(`each rank has samples of its own (${unused})`).optional(),
  auto_transfer: flag(`Ray moves batches to the device (${unused})`).optional(),
  num_actors: actors(`LoaderActors (${unused})`),
  num_actors_min: actors(`fewest LoaderActors (${unused})`),
  num_actors_max: actors(`most LoaderActors (${unused})`),
  actor_oversub_factor: number(`LoaderActors on a core (${unused})`, {
    unit: "actors",
    above: 0,
    max: 1e4,
  }).optional(),
  rows_per_block: orNull(
    int(`rows that Ray hands out together (${unused})`, { unit: "rows", min: 1, max: 1e9 }),
  ),
  buffer_capacity: int("batches in the host buffer; as loader.num_slots", {
    unit: "batches",
    min: 1,
    max: 256,
  }).optional(),
  device_buffer_capacity: int("batches in the device buffer; as loader.device_slots", {
    unit: "batches",
    min: 1,
    max: 64,
  }).optional(),
  pin_memory: flag(pinned).optional(),
  pin_numa_node: flag(
    `a buffer lies in the memory next to its GPU (${unused}: start the program under numactl for that)`,
  ).optional(),
  numa_node_affinity_policy: choice(
    "distance: who reads runs on the cores nearest to the GPU; as loader.numa",
    ["distance"],
  ).optional(),
  numa_oversub_factor: number(
    `actors on a core of a NUMA node (${unused}: there are threads, loader.num_threads of them)`,
    {
      unit: "actors",
      above: 0,
      max: 1e4,
    },
  ).optional(),
  max_concurrent_calls: int(`calls that an actor takes at once (${unused})`, {
    unit: "calls",
    min: 1,
    max: 1e6,
  }).optional(),
  callback_strategy: choice(`who says that a buffer is free (${unused})`, [
    "grpc",
    "queue",
  ]).optional(),
  async_device_copy: flag(copied).optional(),
  context: group("of TensorStore, which the reference platform reads with", () =>
    keys({
      cache_pool: group("its cache", () =>
        keys({
          total_bytes_limit: int(
            "memory for decoded chunks; as loader.cache_bytes: 0 is no cache here as well",
            { unit: "bytes", min: 0, max: 2 ** 50 },
          ).optional(),
        }),
      ).optional(),
      file_io_concurrency: orNull(
        int(`files read at once; null: as it decides (${unused})`, {
          unit: "reads",
          min: 1,
          max: 1e6,
        }),
      ),
      data_copy_concurrency: orNull(
        int(`copies at once; null: as it decides (${unused})`, {
          unit: "copies",
          min: 1,
          max: 1e6,
        }),
      ),
    }),
  ).optional(),
  use_arrow_tensor_v2: flag(`Arrow's newer kind of tensor (${unused})`).optional(),
  locality_with_output: flag(`blocks are made where they are used (${unused})`).optional(),
  preserve_order: flag(`blocks keep their order (${unused})`).optional(),
  ray_data_v2: flag(`Ray's newer loader (${unused})`).optional(),
  with_batched_api: flag(`reads are asked for together (${unused})`).optional(),
  impl_type: choice(`kind of Arrow array (${unused})`, [
    "FixedShapeTensorArray",
    "FixedSizeListArray",
  ]).optional(),
  debug: flag(`more is logged (${unused})`).optional(),
});

export const CollatorConfig = group("who puts a batch together", () =>
  keys({
    kind: choice("collator: images; finetune_collator: images and their labels", [
      "collator",
      "finetune_collator",
    ]).default("collator"),
    dtype: text(
      `number type of the batch (${unused}: it is storage_dtype, and float32 where the model sees it)`,
    ).optional(),
    sample_shape: shape("size of a sample; as datasets.input_shape").optional(),
    input_shape: shape("size of a sample; as datasets.input_shape").optional(),
    batch_size: int("samples of one rank in one step", {
      unit: "samples",
      min: 1,
      max: 2 ** 20,
    }).optional(),
    buffer_dtype: text(
      "number type of the buffers; as storage_dtype, with which it must agree",
    ).optional(),
    device_buffer_capacity: int(
      "batches in the device buffer; as datasets.device_buffer_capacity",
      {
        unit: "batches",
        min: 1,
        max: 64,
      },
    ).optional(),
    callback_strategy: choice(`who says that a buffer is free (${unused})`, [
      "grpc",
      "queue",
    ]).optional(),
    async_device_copy: flag(copied).optional(),
    pin_numa_node: flag(`a buffer lies in the memory next to its GPU (${unused})`).optional(),
    pin_pages: flag(pinned).optional(),
    pin_memory: flag(pinned).optional(),
    impl_type: text(`kind of Arrow array (${unused})`).optional(),
    bbox_data_format: text(
      `how the catalogue writes boxes (${unused}: boxes are found in the labels that were read)`,
    ).optional(),
    bbox_output_format: choice("how boxes are written in a batch", [
      "zyxzyx",
      "xyzxyz",
      "cxcyczwhd",
    ]).optional(),
    normalize_bboxes: flag("true: boxes as parts of the image").optional(),
    with_resize: flag(
      "true: samples are resized as they are collated, which is refused: datasets.transforms has a resize",
    ).optional(),
    use_masks: flag(
      "true: a binary mask for each object, which is refused: a batch has its label map, and datasets.preprocessor.materialize_binary_masks makes masks of it",
    ).optional(),
    debug: flag(`more is logged (${unused})`).optional(),
  }),
);

/** The reference platform's `dataset`: what is behind its loader; ours asks `databases`. */
export const SourceConfig = group("what is behind the reference platform's loader", () =>
  keys({
    kind: choice("which loader", ["ray", "torch", "dali"]).default("ray"),
    columns: orNull(
      list(`columns of the rows that are kept; null: all (${unused})`, text("column")),
    ),
    input_layout: layout("axes; as dataset_layout_order").optional(),
    ...selectionKeysInDatasets(),
    hypercubes_dataframe_path: orNull(text("as datasets.hypercubes_dataframe_path")),
    server_folder_path: orNull(text("as paths.server_folder_path")),
  }),
);
/** Config group `datasets/buffers`: memory of the reference platform's buffers for predictions. */
export const BuffersConfig = group("memory of the buffers that predictions wait in", () =>
  keys({
    rank_memory_budget_gb: number("memory of one rank", {
      unit: "GB",
      above: 0,
      max: 1e9,
    }).optional(),
    max_concurrent_calls: int("calls that a buffer takes at once", {
      unit: "calls",
      min: 1,
      max: 1e6,
    }).default(256),
    safety_margin: fraction("part of the memory that is left alone").default(0.05),
  }),
);

/** Without their defaults: a key that is not given here leaves the database's own alone. */
export function selectionKeysInDatasets() {
  const { cdf_target, has_annotations, ...nullable } = selectionKeys();
  return {
    ...nullable,
    cdf_target: cdf_target.removeDefault().optional(),
    has_annotations: has_annotations.removeDefault().optional(),
  };
}
