// How much memory and disk the machine has for us.

import { statfsSync } from "node:fs";
import { totalmem } from "node:os";

/** Bytes of memory: the machine's, or the container's when it has less. */
export function memoryBytes() {
  return Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
}

/** Bytes that may still be written where a folder is. @param {string} folder */
export function freeBytesAt(folder) {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
