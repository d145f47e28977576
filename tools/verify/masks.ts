// Masks of each mode, looked at with NumPy: lists that fit together, exact numbers, and how often each
// token is hidden, against a count over every place that a block may have.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { MaskingConfig } from "../../packages/platform/src/config/index.ts";
import { maskGenerator } from "../../packages/platform/src/data/index.ts";
import type { Verification } from "../verify.ts";

const script = join(import.meta.dirname, "../reference/check_masks.py");
const samples = Array.from({ length: 3000 }, (_, i) => i);
const config = {
  mask_mode: "RANDOM",
  random_masking_ratio: 0.7,
  num_blocks: 1,
  lateral_mask_scale: 0.25,
  axial_mask_scale: 0.7,
  temporal_mask_scale: 0.5,
  aspect_ratio_scale_hw: [1, 1],
  time_downsample_pattern: [0, 1, 1],
} as const satisfies MaskingConfig;

/** A grid of tokens, the sides of its one block, and N - floor(0.3 N) of its 240 tokens or 60 columns. */
const grid = { axes: ["T", "Z", "Y", "X"], counts: [4, 3, 4, 5] };
const block = [2, 2, 2, 2]; // 4 * 0.5, 3 * 0.7, and the root of a quarter of 4 * 5, rounded
const patterned = Array.from({ length: 240 }, (_, n) => Number(Math.floor(n / 60) % 3 > 0));

const cases: readonly { name: string; more: Partial<MaskingConfig>; expect: object }[] = [
  { name: "RANDOM", more: {}, expect: { marginal: 0.7, hidden: 168 } },
  {
    name: "RANDOM_SPACE_ONLY",
    more: { mask_mode: "RANDOM_SPACE_ONLY" },
    expect: { marginal: 0.7, hidden: 168 },
  },
  { name: "BLOCKED", more: { mask_mode: "BLOCKED" }, expect: { block, hidden: 16 } },
  {
    name: "BLOCKED_TIME_ONLY",
    more: { mask_mode: "BLOCKED_TIME_ONLY" },
    expect: { block: [2, 3, 4, 5], hidden: 120 },
  },
  {
    name: "BLOCKED_SPACE_ONLY",
    more: { mask_mode: "BLOCKED_SPACE_ONLY" },
    expect: { block: [4, 2, 2, 2], hidden: 32 },
  },
  {
    name: "BLOCKED_PATTERNED",
    more: { mask_mode: "BLOCKED_PATTERNED" },
    expect: { marginal: patterned, hidden: 120 },
  },
  {
    name: "BLOCKED_WITH_RANDOM_FILL",
    more: { mask_mode: "BLOCKED_WITH_RANDOM_FILL" },
    expect: { block, filled: true, hidden: 168 },
  },
  {
    name: "BLOCKED_WITH_RANDOM_FILL, three blocks",
    more: { mask_mode: "BLOCKED_WITH_RANDOM_FILL", num_blocks: 3 },
    expect: { hidden: 168 },
  },
  { name: "BLOCKED, three blocks", more: { mask_mode: "BLOCKED", num_blocks: 3 }, expect: {} },
];

export const verification: Verification = {
  name: "masks",
  async run({ python, seed }) {
    const drawn = cases.map(({ name, more, expect }) => {
      const masks = maskGenerator(
        { ...config, ...more },
        grid,
      )({ seed, epoch: 0, batch: 0, samples });
      const list = (values: Iterable<number | bigint>) => Array.from(values, Number);
      return {
        name,
        samples: samples.length,
        grid: grid.counts,
        masks: list(masks.masks),
        context_masks: list(masks.context_masks),
        target_masks: list(masks.target_masks),
        original_patch_indices: list(masks.original_patch_indices),
        patches_used: list(masks.patches_used),
        ...expect,
      };
    });
    const input = JSON.stringify({ cases: drawn });
    const { status, stdout, stderr } = spawnSync(python, [script], { input, encoding: "utf8" });
    if (status !== 0) throw new Error(`check_masks.py failed (exit ${status}):\n${stderr}`);
    const report = Object.entries(JSON.parse(stdout) as Record<string, string | null>);
    const failed = report.filter(([, fault]) => fault !== null).length;
    const lines = report.map(([name, fault]) =>
      fault === null ? `ok    ${name}` : `FAIL  ${name}: ${fault}`,
    );
    return { passed: report.length - failed, failed, lines };
  },
};
