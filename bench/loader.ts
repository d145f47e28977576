// Training a masked autoencoder (ViT small) from disk: how much of the time steps wait for their
// data, and how much processor time the reading takes. Crops lie anywhere; chunks are blosc-zstd,
// 64^3; the page cache is warm. One case has many images with labels, and a cache of chunks. There is
// no peer: what is left to gain is in the wait.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { median } from "./drive/median.ts";
import { startWorker } from "./drive/worker.ts";
import { type LoaderCase, loaderCases, writeImages } from "./loader/cases.ts";
import type { Benchmark, Row } from "./row.ts";

const runs = 3;
const steps = 10;

interface Trained {
  readonly wallMs: number;
  readonly waitMs: number;
  readonly decodeCpuMs: number;
  /** On the thread of the steps: what is in the labels is found there. */
  readonly collateMs: number;
}

export const benchmark: Benchmark = {
  name: "loader",
  async run() {
    const rows: Row[] = [];
    for (const it of loaderCases) {
      const folder = mkdtempSync(join(tmpdir(), "loader-"));
      try {
        await writeImages(folder, it);
        const found: Trained[] = [];
        for (let run = 0; run < runs; run++) found.push(await trained(folder, it));
        rows.push(...rowsOf(it.name, found));
      } finally {
        rmSync(folder, { recursive: true });
      }
    }
    return rows;
  },
};

async function trained(folder: string, { name }: LoaderCase): Promise<Trained> {
  const script = join(import.meta.dirname, "workers/loader.ts");
  const options = ["--folder", folder, "--case", name, "--steps", String(steps)];
  const worker = startWorker([process.execPath, script, ...options]);
  const result = await worker.answer<Trained>();
  await worker.close();
  return result;
}

function rowsOf(name: string, found: readonly Trained[]): readonly Row[] {
  const row = (what: string, unit: string, of: (result: Trained) => number): Row => ({
    bench: "loader",
    case: `${name}, ${what}`,
    ours: median(found.map(of)),
    peer: null,
    ratio: null,
    unit,
    runs,
  });
  return [
    row("step", "ms", ({ wallMs }) => wallMs / steps),
    row("wait for data, of the step", "%", ({ waitMs, wallMs }) => (100 * waitMs) / wallMs),
    row(
      "loader's CPU, of one core",
      "%",
      ({ decodeCpuMs, wallMs }) => (100 * decodeCpuMs) / wallMs,
    ),
    row("loader's CPU, a batch", "ms", ({ decodeCpuMs }) => decodeCpuMs / steps),
    row("collated by the steps' thread, a batch", "ms", ({ collateMs }) => collateMs / steps),
  ];
}
