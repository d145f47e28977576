import { readFileSync } from "node:fs";
import type { HostileReport } from "../hostile.ts";

const [mostBytes, slowMs] = [200e6, 2000];

/** What became of a file: "read", "refused" by an error of ours, or what is wrong. */
export type Outcome = "read" | "refused" | (string & {});

export interface FileFuzz {
  /** The kind of files, in the plural. */
  readonly what: string;
  readonly seed: number;
  readonly milliseconds: number;
  readonly mostCases: number;
  /** Writes the case of this number, and says from what; then it is read. */
  readonly prepare: (number: number) => string;
  readonly read: (number: number) => Promise<Outcome>;
}

/** Reads mutated files until the time is over, a number is reached, or one is read as it must not be. */
export async function fuzzFiles(fuzz: FileFuzz): Promise<HostileReport> {
  const { seed, milliseconds, mostCases, prepare, read } = fuzz;
  const before = residentBytes();
  const began = performance.now();
  let [count, refused, worst, largest] = [0, 0, 0, before];
  let fault: string | null = null;
  for (; performance.now() - began < milliseconds && count < mostCases && !fault; count++) {
    const from = prepare(count);
    const start = process.cpuUsage();
    const outcome = await read(count);
    const { user, system } = process.cpuUsage(start);
    const ms = (user + system) / 1000;
    worst = Math.max(worst, ms);
    if (count % 100 === 0) largest = Math.max(largest, residentBytes());
    if (outcome === "refused") refused += 1;
    else if (outcome !== "read") fault = outcome;
    if (ms > slowMs) fault ??= `${ms.toFixed(0)} ms of processor time`;
    if (largest - before > mostBytes) fault ??= `${megabytes(largest - before)} MB more`;
    if (fault !== null) fault += `\n      case ${count} of seed ${seed}, from ${from}`;
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  const grown = megabytes(largest - before);
  const what = `mutated ${fuzz.what} in ${seconds} s, ${refused} refused by name; slowest ${worst.toFixed(0)} ms, ${grown} MB more memory (seed ${seed})`;
  return { what, ms: 0, bytes: 0, fault, count, isLast: true };
}

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(0);

function residentBytes(): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1]) * 1024;
}
