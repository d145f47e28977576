import type { RunConfig } from "../../config/index.ts";
import { isFilled, type Row } from "./row.ts";

/** What a prediction is, and how it is written. */
export function ofPrediction({ inference }: RunConfig): readonly Row[] {
  const { auxiliary_outputs, outputs_metadata } = inference;
  return [
    ["inference.save_format", inference.save_format !== "zarr", "OME-Zarr is what is written"],
    [
      "inference.inference_mode",
      inference.inference_mode !== "sliding_window",
      "a volume is cut up by a sliding window",
    ],
    [
      "inference.aggregate_mode",
      inference.aggregate_mode !== "stitch_volume",
      "the parts of a volume are stitched together",
    ],
    [
      "inference.decoder_head_type",
      inference.decoder_head_type !== "pretrain",
      "the answer is a rebuilt volume",
    ],
    [
      "inference.roi_tile_list",
      inference.roi_tile_list !== null || inference.timepoint_list !== null,
      "cello predict --image and --frame say what is rebuilt",
    ],
    ["inference.save_as_pdf", inference.save_as_pdf, "a PNG of sections is what is drawn"],
    [
      "inference.outputs_metadata",
      isFilled(auxiliary_outputs) || isFilled(outputs_metadata),
      "input, mask and rebuilt volume are what is written",
    ],
    ["inference.activation", inference.activation !== null, "nothing is done to a rebuilt volume"],
  ];
}
