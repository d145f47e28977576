// The only file that loads the addon. It is loaded when it is first needed, not on import.

import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { ZarrAddonError } from "./errors.ts";

/** All that JavaScript may ask of the native side (native/src/door.rs). */
export interface NativeZarr {
  readonly NativeArray: new (path: string, metadata: string, zarrFormat: number) => NativeArray;
  setThreads(threads: number): void;
  threads(): number;
  /** Asks the job of this id to stop; its promise then rejects. */
  abort(id: number): void;
}

/** Numbers for jobs are chosen by the caller, unique among those in flight on this thread. */
export interface NativeArray {
  info(): NativeArrayInfo;
  read(
    id: number,
    target: Uint8Array,
    origin: readonly number[],
    shape: readonly number[],
    refusesMissing: boolean,
  ): Promise<{ readonly chunks: number; readonly missingChunks: number }>;
  write(
    id: number,
    source: Uint8Array,
    origin: readonly number[],
    shape: readonly number[],
    isDurable: boolean,
  ): Promise<void>;
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
