import { z } from "zod";
import { choice, flag, fraction, group, int, keys, list, mapOf, number, text } from "../key.ts";

const cost = (description: string) => number(description, { unit: "weight", min: 0, max: 1e6 });
const points = () => int("points that masks are compared at", { unit: "points", min: 0, max: 1e9 });
const weights = () => mapOf("weight of each part of the loss, by its name", cost("weight"));
const parts = (description: string) =>
  list(description, z.enum(["labels", "boxes", "masks", "cardinality"]), { min: 1, max: 8 });

/** Who is matched with whom: the costs of the Hungarian assignment. */
export const MatcherConfig = group("costs of matching predictions with objects", () =>
  keys({
    cost_classification: cost("of the class").optional(),
    cost_mask: cost("of the mask, cross-entropy").optional(),
    cost_mask_dice: cost("of the mask, Dice").optional(),
    cost_box: cost("of the box, L1").optional(),
    cost_box_giou: cost("of the box, generalised IoU").optional(),
    num_points: points().optional(),
    cost_class: cost("plainDETR: of the class").optional(),
    cost_bbox: cost("plainDETR: of the box").optional(),
    cost_giou: cost("plainDETR: of the box, generalised IoU").optional(),
    cost_bbox_type: choice("plainDETR: how boxes differ", ["l1", "reparam"]).optional(),
  }),
);

/** What the loss of a set of predictions is made of. */
export const CriterionConfig = group("what the loss of a set of predictions is made of", () =>
  keys({
    num_classes: int("classes, without the background", { unit: "classes", min: 1, max: 65536 }),
    num_points: points().optional(),
    loss_weight_dict: weights().optional(),
    weight_dict: weights().optional(),
    no_object_loss_weight: cost("weight of queries without an object").optional(),
    losses: parts("parts that are computed"),
    oversample_ratio: number("points that are drawn for each that is used", {
      unit: "ratio",
      min: 1,
      max: 1e3,
    }).optional(),
    importance_sample_ratio: fraction(
      "part of the points that lies where the mask is unsure",
    ).optional(),
    denoise: flag("true: noised objects are judged, too").optional(),
    with_segmentation: flag("true: masks are judged").optional(),
    denoise_losses: parts("parts that are computed of noised objects").optional(),
    semantic_ce_loss: flag("true: cross-entropy in place of the focal loss").optional(),
    focal_alpha: fraction("weight of objects in the focal loss").optional(),
    reparam: flag("plainDETR: boxes are changes of boxes").optional(),
    matcher_args: MatcherConfig.optional(),
    name: text("which loss").optional(),
  }),
);
