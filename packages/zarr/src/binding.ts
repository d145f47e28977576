// The only file that loads the addon. It is loaded when it is first needed, not on import.

import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { CacheStatistics } from "./cache-statistics.ts";
import { ZarrAddonError } from "./errors.ts";
import type { StorageReport } from "./storage-report.ts";

/** All that JavaScript may ask of the native side (native/src/door/). */
export interface NativeZarr {
  readonly NativeArray: new (
    path: string,
    metadata: string,
    zarrFormat: number,
    cache?: NativeCache,
  ) => NativeArray;
  readonly NativeCache: new (bytes: number) => NativeCache;
  openSafetensors(id: number, path: string): Promise<NativeSafetensors>;
  saveSafetensors(
    id: number,
    path: string,
    metadata: readonly (readonly [key: string, value: string])[],
    tensors: readonly NativeTensor[],
  ): Promise<{ readonly bytes: number; readonly sha256: string }>;
  setThreads(threads: number): void;
  /** Before each further try of storage that failed for a moment. */
  pausesMs(): readonly number[];
  threads(): number;
  waitedFor(leastSeconds: number): readonly { readonly path: string; readonly seconds: number }[];
  /** Asks the job of this id to stop; its promise then rejects. */
  abort(id: number): void;
}

/** Numbers for jobs are chosen by the caller, unique among those in flight on this thread. */
export interface NativeArray {
  info(): NativeArrayInfo;
  /** What caches hold of it: it was made anew. */
  forget(): void;
  read(
    id: number,
    target: Uint8Array,
    origin: readonly number[],
    shape: readonly number[],
    missingChunks: "fill" | "leave" | "error",
    strides?: readonly number[],
    place?: number,
  ): Promise<StorageReport>;
  expect(origin: readonly number[], shape: readonly number[], place: number): void;
  write(
    id: number,
    source: Uint8Array,
    origin: readonly number[],
    shape: readonly number[],
    isDurable: boolean,
  ): Promise<void>;
}

export interface NativeCache {
  nextPlace(): number;
  statistics(): CacheStatistics;
  clear(): void;
}

export interface NativeArrayInfo {
  readonly shape: readonly number[];
  readonly chunkShape: readonly number[];
  readonly shardShape?: readonly number[];
  readonly dtype: string;
  readonly elementBytes: number;
  /** One element, in this machine's byte order. */
  readonly fillValue: readonly number[];
}

export interface NativeSafetensors {
  info(): {
    readonly dataBytes: number;
    readonly metadata: readonly (readonly [key: string, value: string])[];
    readonly tensors: readonly NativeTensorEntry[];
  };
  load(id: number, target: Uint8Array): Promise<void>;
}

/** `begin` and `end` count from the first byte of data; `end` is exclusive. */
export interface NativeTensorEntry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface NativeTensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

const path = fileURLToPath(new URL("../../../.cello/build/zarr/zarr.node", import.meta.url));

let loaded: NativeZarr | undefined;

/** The addon, of which there is one per process; each Worker thread has its own view of it. */
export function native(): NativeZarr {
  if (loaded === undefined) {
    try {
      loaded = createRequire(import.meta.url)(path) as NativeZarr;
    } catch (cause) {
      throw new ZarrAddonError(`expected the Zarr addon at ${path}, it did not load`, { cause });
    }
  }
  return loaded;
}
