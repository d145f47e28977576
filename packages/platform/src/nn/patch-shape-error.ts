import { CellError } from "../errors/index.ts";

/** An input can't be cut into whole patches. Remainders are not padded: that would invent voxels. */
export class PatchShapeError extends CellError {
  readonly code = "PATCH_SHAPE";
  readonly hint =
    "Choose input_shape and patch_shape so that every axis is a whole number of patches.";
}
