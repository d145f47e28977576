// AdamW with clipping against PyTorch, learning rates against timm, on numbers drawn anew.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compareTraining } from "../../packages/platform/test/parity/training-cases.ts";
import { command } from "../command.ts";
import type { Verification } from "../verify.ts";

const script = join(import.meta.dirname, "../reference/make_training_fixtures.py");

export const verification: Verification = {
  name: "training",
  async run({ python, seed }) {
    const folder = mkdtempSync(join(tmpdir(), "verify-training-"));
    try {
      const { code, output } = await command([
        python,
        script,
        "--out",
        folder,
        "--seed",
        `${seed}`,
      ]);
      if (code !== 0) throw new Error(`the reference failed (exit ${code}):\n${output}`);
      const all = await compareTraining(folder);
      const failed = all.filter(({ worst, tolerance }) => !(worst <= tolerance)).length;
      const lines = all.map(({ name, worst, tolerance }) => {
        const word = worst <= tolerance ? "ok  " : "FAIL";
        return `${word}  ${name.padEnd(28)} off by ${worst.toExponential(1)}`;
      });
      return { passed: all.length - failed, failed, lines };
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};
