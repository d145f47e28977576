import { readFileSync } from "node:fs";

/** The most memory that this process has held so far (VmHWM), in bytes. */
export function processPeakBytes(): number {
  const kilobytes = /VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  return Number(kilobytes) * 1024;
}
