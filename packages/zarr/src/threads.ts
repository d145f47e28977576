import { native } from "./binding.ts";
import { ZarrError } from "./errors.ts";

const maxThreads = 1024;

/**
 * Sets how many threads decode and encode chunks: one pool for the process, Workers included.
 * By default there are as many as processors.
 *
 * @throws {@link ZarrError} ZARR_BOUNDS
 */
export function setThreads(count: number): void {
  if (!Number.isInteger(count) || count < 1 || count > maxThreads) {
    const message = `expected 1 to ${maxThreads} threads, found ${count}`;
    throw new ZarrError("ZARR_BOUNDS", message);
  }
  native().setThreads(count);
}

export function threads(): number {
  return native().threads();
}
