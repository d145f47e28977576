// Reading and writing Zarr arrays and safetensors files. See README.md.

export {
  openArray,
  type ReadOptions,
  type ReadReport,
  type WriteOptions,
  ZarrArray,
} from "./array.ts";
export type { ArrayLayout } from "./array-document.ts";
export { type CreateOptions, createArray } from "./create-array.ts";
export type { FillValue, TypedArray, ZarrDtype } from "./dtype.ts";
export {
  type SafetensorsCode,
  SafetensorsError,
  ZarrAddonError,
  type ZarrCode,
  ZarrError,
} from "./errors.ts";
export type { Region } from "./region.ts";
export { setThreads, threads } from "./threads.ts";
