// From process start to the end of the first training step of a tiny masked autoencoder: what one
// waits for before anything runs, and the least memory that a run takes.

import { join } from "node:path";
import { median } from "./drive/median.ts";
import { startWorker } from "./drive/worker.ts";
import type { Benchmark, Row } from "./row.ts";

const runs = 9;

interface FirstStep {
  readonly ms: number;
  readonly bytes: number;
}

export const benchmark: Benchmark = {
  name: "first-step",
  async run({ python }) {
    const programs = [
      [process.execPath, join(import.meta.dirname, "workers/first-step.ts")],
      [python, join(import.meta.dirname, "peers/first_step.py")],
    ] as const;
    const found: FirstStep[][] = programs.map(() => []);
    for (let run = 0; run <= runs; run++) {
      const order = run % 2 === 0 ? [0, 1] : [1, 0];
      for (const i of order) {
        const step = await firstStep(programs[i] ?? programs[0]);
        if (run > 0) found[i]?.push(step); // the first run warms the file cache
      }
    }
    const [ours = [], peer = []] = found;
    const mib = 2 ** 20;
    return [
      row(
        "time",
        "ms",
        ours.map(({ ms }) => ms),
        peer.map(({ ms }) => ms),
      ),
      row(
        "process's peak",
        "MiB",
        ours.map(({ bytes }) => bytes / mib),
        peer.map(({ bytes }) => bytes / mib),
      ),
    ];
  },
};

/** Starts a program, and stops the clock when it prints the loss of its first step. */
async function firstStep(program: readonly [string, string]): Promise<FirstStep> {
  const began = performance.now();
  const worker = startWorker(program);
  const { loss, processPeakBytes } = await worker.answer<{
    loss: number;
    processPeakBytes: number;
  }>();
  const ms = performance.now() - began;
  await worker.close();
  if (!(loss > 0 && loss < 10)) throw new Error(`${program.join(" ")}: its loss is ${loss}`);
  return { ms, bytes: processPeakBytes };
}

function row(what: string, unit: string, ours: readonly number[], peer: readonly number[]): Row {
  const [a, b] = [median(ours), median(peer)];
  return { bench: "first-step", case: what, ours: a, peer: b, ratio: a / b, unit, runs };
}
