import { choice, flag, group, int, keys, number, orNull, unused } from "./key.ts";

// What the reference platform says of its loaders, which are Ray actors; ours is `datasets.loader`.

const actors = (description: string) =>
  int(description, { unit: "actors", min: 1, max: 1e5 }).optional();
export const pinned = `host memory stays where it is (${unused}: for a GPU it always does)`;
export const copied = `batches are copied while the step goes on (${unused}: to a GPU they always are)`;

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
