// Transforms, boxes, apertures and noise against PyTorch and NumPy, on inputs drawn anew.

import { globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { compareTransform } from "../../packages/platform/src/data/transforms/reference-cases.fixture.ts";
import { command } from "../command.ts";
import type { Verification } from "../verify.ts";

const script = join(import.meta.dirname, "../reference/transform_cases.py");

export const verification: Verification = {
  name: "transforms",
  async run({ python, seed }) {
    const folder = mkdtempSync(join(tmpdir(), "verify-transforms-"));
    try {
      const words = [python, script, "--out", folder, "--seed", `${seed}`] as const;
      const { code, output } = await command(words);
      if (code !== 0) throw new Error(`transform_cases.py failed (exit ${code}):\n${output}`);
      const files = globSync("*.safetensors", { cwd: folder }).sort();
      let failed = 0;
      const lines: string[] = [];
      for (const file of files) {
        const { worst, tolerance } = await compareTransform(join(folder, file), seed);
        const isGood = worst <= tolerance;
        if (!isGood) failed += 1;
        const name = basename(file, ".safetensors").padEnd(34);
        lines.push(`${isGood ? "ok  " : "FAIL"}  ${name} off by ${worst.toExponential(1)}`);
      }
      return { passed: files.length - failed, failed, lines };
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};
