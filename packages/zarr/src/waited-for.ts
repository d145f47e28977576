import { native } from "./binding.ts";

export interface WaitedFile {
  readonly path: string;
  readonly seconds: number;
}

/**
 * The files of chunks and shards that threads of the process have been reading for so many seconds,
 * the longest first: storage that has stalled. A read that waits for a thread is not among them.
 */
export function waitedFor(leastSeconds: number): readonly WaitedFile[] {
  return native().waitedFor(leastSeconds);
}
