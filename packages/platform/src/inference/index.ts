export { percentileWindow } from "./picture/percentile-window.ts";
export { reconstructionPicture } from "./picture/reconstruction-picture.ts";
export type { VoxelBox, VoxelSize } from "./picture/volume.ts";
export { writeCurve } from "./picture/write-curve.ts";
export { Predictor } from "./predictor.ts";
export { RebuiltVolume } from "./rebuilt-volume.ts";
export { comparison, ErrorTally, type ReconstructionErrors } from "./reconstruction-errors.ts";
export { saveOmeZarr } from "./save-ome-zarr.ts";
