// Scenario R17: crops from storage of which each read takes a while, and which gives so many bytes
// per second and no more (a library between the process and its reads). Other reads are in flight
// while a crop is worked on. The peer is the limit itself: at most 1.11 is wanted, 0.9 of the limit.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createArray } from "@cell-observatory/zarr";
import { command } from "../tools/command.ts";
import { median } from "./drive/median.ts";
import { startWorker } from "./drive/worker.ts";
import type { Benchmark, Row } from "./row.ts";

const runs = 3;
/** 128 chunks of 32^3, of numbers that do not compress. */
const shape = [4096, 32, 32];
const chunkShape = [32, 32, 32];

interface Case {
  readonly name: string;
  readonly delayMs: number;
  readonly bytesPerSecond: number;
  readonly threads: number;
  readonly ahead: number;
  readonly stepMs: number;
}

// A thread waits for one read at a time: `threads * 65 kB / delay` is what they can have at most.
const cases: readonly Case[] = [
  { name: "5 ms a read, 2 threads", delayMs: 5, bytesPerSecond: 10e6, threads: 2 },
  { name: "500 ms a read, 32 threads", delayMs: 500, bytesPerSecond: 2e6, threads: 32 },
  { name: "500 ms a read, 32 threads, steps of 100 ms", delayMs: 500, threads: 32, stepMs: 100 },
].map((it) => ({ ahead: it.threads / 2, stepMs: 0, bytesPerSecond: 2e6, ...it }));

export const benchmark: Benchmark = {
  name: "zarr-crops-slow-storage",
  async run() {
    const folder = mkdtempSync(join(tmpdir(), "slow-storage-"));
    try {
      const library = join(folder, "limited-storage.so");
      const source = join(import.meta.dirname, "zarr-crops/limited-storage.c");
      const built = await command(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"]);
      if (built.code !== 0) throw new Error(`${source} does not compile:\n${built.output}`);
      const array = await noise(join(folder, "array"));
      const rows: Row[] = [];
      for (const it of cases) {
        const found: number[] = [];
        for (let run = 0; run < runs; run++) found.push(await speed(library, array, it));
        const [ours, peer] = [median(found) / 1e6, it.bytesPerSecond / 1e6];
        const row = { bench: "zarr-crops-slow-storage", case: it.name, unit: "MB/s", runs };
        rows.push({ ...row, ours, peer, ratio: peer / ours });
      }
      return rows;
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

async function noise(path: string): Promise<string> {
  const array = await createArray(path, { shape, chunkShape, dtype: "uint16" });
  const elements = new Uint16Array(shape.reduce((a, b) => a * b));
  for (let at = 0; at < elements.length; at += 2 ** 15) {
    crypto.getRandomValues(elements.subarray(at, at + 2 ** 15));
  }
  await array.write(elements, { origin: [0, 0, 0], shape });
  return path;
}

/** @returns stored bytes per second */
async function speed(library: string, array: string, it: Case): Promise<number> {
  const limits = [`DELAY_MS=${it.delayMs}`, `BYTES_PER_SECOND=${it.bytesPerSecond}`];
  const script = join(import.meta.dirname, "workers/zarr-crops-slow-storage.ts");
  const numbers = ["--threads", `${it.threads}`, "--ahead", `${it.ahead}`];
  const worker = startWorker([
    ...(["env", `LD_PRELOAD=${library}`, ...limits, process.execPath, script] as const),
    ...["--array", array, ...numbers, "--step-ms", `${it.stepMs}`],
  ]);
  const { bytes, seconds } = await worker.answer<{ bytes: number; seconds: number }>();
  await worker.close();
  return bytes / seconds;
}
