// nn and models/mae against PyTorch (tools/reference/nn_cases.py), on weights and inputs drawn anew;
// and that reference against timm, where timm has the same layers.

import { globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { readSafetensors } from "@cell-observatory/zarr";
import { runCase } from "../../packages/platform/test/parity/nn-cases.ts";
import { command } from "../command.ts";
import type { Verification } from "../verify.ts";

const reference = join(import.meta.dirname, "../reference");

export const verification: Verification = {
  name: "nn",
  async run({ python, seed }) {
    const folder = mkdtempSync(join(tmpdir(), "verify-nn-"));
    try {
      const timm = await againstTimm(python);
      const cases = [join(reference, "nn_cases.py"), "--out", folder, "--seed", `${seed}`];
      const { code, output } = await command([python, ...cases]);
      if (code !== 0) throw new Error(`nn_cases.py failed (exit ${code}):\n${output}`);
      const files = globSync("*.safetensors", { cwd: folder }).sort();
      const ours = await Promise.all(files.map((file) => verdictOf(join(folder, file))));
      const all = [...timm, ...ours];
      const failed = all.filter(({ isGood }) => !isGood).length;
      return {
        passed: all.length - failed,
        failed,
        lines: [
          `${"case".padEnd(34)} output   gradient (worst relative difference)`,
          ...all.flatMap(({ lines }) => lines),
        ],
      };
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

interface CaseLines {
  readonly isGood: boolean;
  readonly lines: readonly string[];
}

async function verdictOf(path: string): Promise<CaseLines> {
  const { output, gradient, failures } = runCase(await readSafetensors(path));
  const isGood = failures.length === 0;
  const figures = [output, gradient].map((x) => x.toExponential(1).padEnd(8)).join(" ");
  const name = basename(path, ".safetensors").padEnd(28);
  const head = `${isGood ? "ok  " : "FAIL"}  ${name} ${figures}`.trimEnd();
  return { isGood, lines: [head, ...failures.map((failure) => `        ${failure}`)] };
}

/** Each line of the script is a comparison of its own; one that falls over is one that failed. */
async function againstTimm(python: string): Promise<readonly CaseLines[]> {
  const { output } = await command([python, join(reference, "check_nn_against_timm.py")]);
  const lines = output.split("\n").filter((line) => /^(ok|FAIL) /.test(line));
  if (lines.length === 0) return [{ isGood: false, lines: [`FAIL  timm: ${output.trim()}`] }];
  return lines.map((line) => ({ isGood: line.startsWith("ok"), lines: [line] }));
}
