// Reading and writing Zarr arrays and safetensors files. See README.md.

export { type ReadOptions, type WriteOptions, ZarrArray } from "./array.ts";
export type { ArrayLayout } from "./array-document.ts";
export type { CacheStatistics } from "./cache-statistics.ts";
export { ChunkCache } from "./chunk-cache.ts";
export { type CreateOptions, createArray } from "./create-array.ts";
export type { JsonObject } from "./documents.ts";
export type { FillValue, TypedArray, ZarrDtype } from "./dtype.ts";
export {
  type SafetensorsCode,
  SafetensorsError,
  ZarrAddonError,
  type ZarrCode,
  ZarrError,
} from "./errors.ts";
export { createGroup, openGroup, type ZarrGroup } from "./group.ts";
export {
  type Axis,
  type Dataset,
  type Multiscales,
  type NgffVersion,
  readLabelNames,
  readMultiscales,
  writeLabelNames,
  writeMultiscales,
} from "./ngff.ts";
export { type OpenOptions, openArray } from "./open-array.ts";
export type { Region } from "./region.ts";
export {
  readSafetensors,
  type SafetensorsDtype,
  type SafetensorsFile,
  type SafetensorsTensor,
  writeSafetensors,
} from "./safetensors.ts";
export type { ReadReport, StorageReport } from "./storage-report.ts";
export { setThreads, threads } from "./threads.ts";
export { frameIntervalS, voxelSizeUm } from "./voxel-size.ts";
export { type WaitedFile, waitedFor } from "./waited-for.ts";
