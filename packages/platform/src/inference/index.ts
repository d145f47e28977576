export { writeCurve } from "./picture/write-curve.ts";
export { Predictor } from "./predictor.ts";
export { RebuiltVolume } from "./rebuilt-volume.ts";
export { comparison, ErrorTally, type ReconstructionErrors } from "./reconstruction-errors.ts";
export { saveOmeZarr } from "./save-ome-zarr.ts";
