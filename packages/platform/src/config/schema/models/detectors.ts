import { z } from "zod";
import { flag, group, int, keys, number, orNull } from "../key.ts";
import { layout, shape } from "../layout.ts";
import { AdaptersConfig } from "./adapters.ts";
import { BackboneWrapperConfig } from "./backbones.ts";
import { PlainDetrTransformerConfig } from "./heads.ts";
import { CriterionConfig, MatcherConfig } from "./set-prediction.ts";
import { width } from "./transformer-keys.ts";

const part = (description: string) => z.unknown().describe(`${description}, by reference`);
const queries = (description: string) => int(description, { unit: "queries", min: 0, max: 1e6 });

/** What MaskDINO and Mask2Former are put together from. */
const assembled = () => ({
  backbone_wrapper_args: part("models.backbones"),
  adapter_args: orNull(part("models.adapters; null: none")),
  pixel_decoder_args: part("models.heads.pixel_decoder"),
  decoder_args: part("models.heads, the decoder"),
  matcher_args: MatcherConfig,
  criterion_args: CriterionConfig,
});

/** Config group `models/meta_arch/maskdino`: instances in three dimensions. */
export const MaskDinoConfig = group("MaskDINO: instances in three dimensions", () =>
  keys({
    ...assembled(),
    instance_segmentation_flag: flag("true: instances; false: boxes only").default(true),
    topk_per_image: queries("objects of an image at most").default(100),
    focus_on_boxes: flag("true: masks do not change the scores").default(false),
    mask_chunk_size: int("masks that are made at once", {
      unit: "masks",
      min: 1,
      max: 1e6,
    }).default(8),
  }),
);

/** Config group `models/meta_arch/mask2former`: classes in three dimensions. */
export const Mask2FormerConfig = group("Mask2Former: classes in three dimensions", () =>
  keys({
    ...assembled(),
    input_shape: shape("as datasets.input_shape").optional(),
    input_fmt: layout("as dataset_layout_order").optional(),
    topk_queries: queries("masks of an image at most").default(10),
    num_classes: int("classes, without the background", { unit: "classes", min: 1, max: 65536 }),
  }),
);

/** Config group `models/meta_arch/plainDETR`: boxes in three dimensions. */
export const PlainDetrConfig = group("plainDETR: boxes in three dimensions", () =>
  keys({
    backbone_wrapper_args: BackboneWrapperConfig,
    adapter_args: orNull(AdaptersConfig),
    transformer_args: PlainDetrTransformerConfig,
    criterion_args: CriterionConfig,
    backbone_embed_dim: width("width of the backbone"),
    num_classes: int("classes, without the background", { unit: "classes", min: 1, max: 65536 }),
    num_feature_levels: int("maps", { unit: "maps", min: 1, max: 16 }).default(1),
    with_box_refine: flag("true: each layer corrects the boxes").default(true),
    two_stage: flag("true: queries are chosen from the encoder's tokens").default(true),
    aux_loss: flag("true: every layer is judged").default(true),
    num_queries_one2one: queries("queries that are matched one to one").default(300),
    num_queries_one2many: queries("queries that are matched one to many").default(0),
    k_one2many: int("times that an object is repeated for them", {
      unit: "1",
      min: 0,
      max: 1e4,
    }).default(0),
    lambda_one2many: number("weight of their loss", { unit: "weight", min: 0, max: 1e6 }).default(
      0,
    ),
    mixed_selection: flag("true: queries have learnt contents and chosen places").default(false),
    reparam: flag("true: boxes are changes of boxes").default(true),
    normalize_pos_encodings: flag("true: positions are parts of the image").default(true),
    topk: queries("boxes of an image at most").default(100),
  }),
);
