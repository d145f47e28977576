import { choice, flag, group, int, keys, text, unused } from "./key.ts";
import { shape } from "./layout.ts";
import { copied, pinned } from "./ray-loader.ts";

/** Config group `datasets/collate_fn`. */
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
