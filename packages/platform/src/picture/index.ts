export type { PictureBox } from "./annotations.ts";
export { fontFamily, registerFonts } from "./fonts.ts";
export { colourName } from "./outlines.ts";
export { percentileWindow, type Window } from "./percentile-window.ts";
export type { PictureColumn, PictureContent } from "./picture-content.ts";
export { slicePicture } from "./slice-picture.ts";
export type { Volume, VoxelBox, VoxelSize } from "./volume.ts";
