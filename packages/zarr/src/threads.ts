import { native } from "./binding.ts";

/**
 * Sets how many threads decode and encode chunks: one pool for the process, Workers included.
 * By default there are as many as processors.
 */
export function setThreads(count: number): void {
  native().setThreads(count);
}

export function threads(): number {
  return native().threads();
}
