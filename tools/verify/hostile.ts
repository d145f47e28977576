// Scenarios R22 and R23: files, override lines and folders that are made to hurt, each to be refused
// in under 200 ms of processor time and 100 MB, with no prototype changed; then a minute of mutated
// ones, which must all compose or be refused by name. The seed repeats the minute's cases.
// Scenario R33: a minute of mutated TIFF, OME-XML, NumPy and PNG files and one of rows in CSV, which
// must be read or be refused by name, in bounded time and memory (hostile/image-worker.ts and
// hostile/rows-worker.ts run by hand for longer).

import { join } from "node:path";
import { startWorker } from "../../bench/drive/worker.ts";
import type { Verification } from "../verify.ts";

const limits = { ms: 200, bytes: 100e6 };
const fuzzMs = 60_000;

/** What the worker says of one case, or of the minute. */
export interface HostileReport {
  readonly what: string;
  readonly ms: number;
  readonly bytes: number;
  /** Why it is not as it must be. */
  readonly fault: string | null;
  readonly count?: number;
  readonly isLast?: boolean;
}

export const verification: Verification = {
  name: "hostile",
  async run({ seed }) {
    const reports: HostileReport[] = [];
    for (const script of [
      "hostile/worker.ts",
      "hostile/image-worker.ts",
      "hostile/rows-worker.ts",
    ]) {
      const path = join(import.meta.dirname, script);
      const worker = startWorker([process.execPath, path, String(seed), String(fuzzMs)]);
      for (;;) {
        const report = await worker.answer<HostileReport>();
        reports.push(report);
        if (report.isLast) break;
      }
      await worker.close();
    }
    const faults = reports.flatMap((report) => faultsOf(report));
    const cases = reports.filter(({ count }) => count === undefined);
    const [slowest, largest] = [most(cases, "ms"), most(cases, "bytes")];
    const fuzzed = reports.flatMap(({ count = 0, what }) =>
      count > 0 ? [`${count} ${what}`] : [],
    );
    return {
      passed: reports.length - faults.length,
      failed: faults.length,
      lines: [
        ...faults,
        `${cases.length} cases; slowest ${slowest.ms.toFixed(0)} ms (${slowest.what}), largest ${(largest.bytes / 1e6).toFixed(0)} MB (${largest.what})`,
        ...fuzzed,
      ],
    };
  },
};

const most = (reports: readonly HostileReport[], key: "ms" | "bytes"): HostileReport =>
  reports.reduce((a, b) => (b[key] > a[key] ? b : a));

function faultsOf({ what, ms, bytes, fault }: HostileReport): readonly string[] {
  if (fault !== null) return [`FAIL  ${what}: ${fault}`];
  if (ms >= limits.ms) return [`FAIL  ${what}: ${ms.toFixed(0)} ms of processor time`];
  return bytes >= limits.bytes ? [`FAIL  ${what}: ${(bytes / 1e6).toFixed(0)} MB`] : [];
}
