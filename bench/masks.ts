// Masks of a batch of 16 samples of 16 x 128^3 voxels: 4 x 8 x 8 x 8 tokens of 4 x 16^3 each. The peer
// is the reference platform's algorithm in PyTorch, with the same outputs.

import { join } from "node:path";
import { maskGenerator } from "../packages/platform/src/data/index.ts";
import { randomMasking } from "../packages/platform/src/data/masking/random-masking.fixture.ts";
import { median } from "./drive/median.ts";
import { startWorker } from "./drive/worker.ts";
import type { Benchmark, Row } from "./row.ts";

const modes = [
  "RANDOM",
  "RANDOM_SPACE_ONLY",
  "BLOCKED",
  "BLOCKED_TIME_ONLY",
  "BLOCKED_SPACE_ONLY",
  "BLOCKED_PATTERNED",
  "BLOCKED_WITH_RANDOM_FILL",
] as const;
type Mode = (typeof modes)[number];

const runs = 9;
/** Batches in one measurement. */
const numBatches = 40;
const samples = Array.from({ length: 16 }, (_, b) => b);

export const benchmark: Benchmark = {
  name: "masks",
  async run({ python }) {
    const peer = startWorker([python, join(import.meta.dirname, "peers/masks.py")]);
    const rows: Row[] = [];
    for (const mode of modes) {
      const ours: number[] = [];
      const theirs: number[] = [];
      for (let run = -2; run < runs; run++) {
        const a = measure(mode, run + 2);
        const b = await peer.ask<number>([mode, numBatches]);
        if (run < 0) continue; // warms up
        ours.push(a);
        theirs.push(b);
      }
      const [a, b] = [median(ours), median(theirs)];
      rows.push({ bench: "masks", case: mode, ours: a, peer: b, ratio: a / b, unit: "ms", runs });
    }
    await peer.close();
    return rows;
  },
};

/** Milliseconds a batch. */
function measure(mask_mode: Mode, epoch: number): number {
  const generator = maskGenerator(
    { ...randomMasking, mask_mode, time_downsample_pattern: [0, 1] },
    { axes: ["T", "Z", "Y", "X"], counts: [4, 8, 8, 8] },
  );
  const began = performance.now();
  for (let batch = 0; batch < numBatches; batch++) generator({ seed: 1, epoch, batch, samples });
  return (performance.now() - began) / numBatches;
}
