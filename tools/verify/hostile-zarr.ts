// Scenario R16: metadata of arrays and groups that are made to hurt. Each is read as an array, or
// refused by one of our errors, in less than 50 MB, and no file outside its folder is opened (which a
// library between the process and the C library writes down).

import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startWorker } from "../../bench/drive/worker.ts";
import { command } from "../command.ts";
import type { Verification } from "../verify.ts";
import type { Report } from "./hostile-zarr/worker.ts";

const mostBytes = 50e6;
const numDrawn = 600;

export const verification: Verification = {
  name: "hostile-zarr",
  async run({ seed }) {
    const folder = mkdtempSync(join(tmpdir(), "hostile-zarr-"));
    try {
      const [library, log, root] = ["opens.so", "opens", "root"].map((name) => join(folder, name));
      const source = join(import.meta.dirname, "hostile-zarr/opens.c");
      const built = await command(["cc", "-shared", "-fPIC", "-o", `${library}`, source, "-ldl"]);
      if (built.code !== 0) throw new Error(`${source} does not compile:\n${built.output}`);
      mkdirSync(`${root}`);
      const preload = [`LD_PRELOAD=${library}`, `OPENS_LOG=${log}`];
      const script = join(import.meta.dirname, "hostile-zarr/worker.ts");
      const numbers = [`${root}`, `${seed}`, `${numDrawn}`];
      const worker = startWorker([
        "env",
        ...preload,
        process.execPath,
        "--expose-gc",
        script,
        ...numbers,
      ]);
      const reports: Report[] = [];
      for (let report = await worker.answer<Report>(); ; report = await worker.answer<Report>()) {
        reports.push(report);
        if (report.isLast) break;
      }
      await worker.close();
      const outside = openedOutside(readFileSync(`${log}`, "utf8"), `${root}`);
      const faults = [
        ...reports.flatMap(faultsOf),
        ...outside.map((path) => `FAIL  a file outside the folder was opened: ${path}`),
      ];
      const refused = reports.filter(({ refusal }) => refusal !== null).length;
      const largest = reports.reduce((a, b) => (b.bytes > a.bytes ? b : a));
      const size = (largest.bytes / 1e6).toFixed(0);
      const lines = [
        `${reports.length} documents, ${refused} refused; largest ${size} MB (${largest.what})`,
      ];
      const failed = faults.length;
      return { passed: Math.max(0, reports.length - failed), failed, lines: [...faults, ...lines] };
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

function faultsOf({ what, fault, bytes }: Report): readonly string[] {
  if (fault !== null) return [`FAIL  ${what}: ${fault}`];
  return bytes < mostBytes ? [] : [`FAIL  ${what}: ${(bytes / 1e6).toFixed(0)} MB`];
}

/** Files opened after the worker said that it begins; what the system tells of itself is no file. */
function openedOutside(log: string, root: string): readonly string[] {
  const paths = log.split("\n");
  const begin = paths.indexOf(join(root, "begin"));
  if (begin < 0) return ["(nothing was written down)"];
  const isOutside = (path: string) =>
    path !== "" && !path.startsWith(`${root}/`) && !/^\/(proc|sys)\//.test(path);
  return [...new Set(paths.slice(begin).filter(isOutside))];
}
