// 128^3 crops of a uint16 volume of 384^3, in chunks of 64^3 as zarr-python writes them, or as we do
// by default (a checksum for each chunk, so that chunks are read whole); page cache warm, or empty where
// files are called cold: what data larger than memory is; memory preallocated. The peer is TensorStore, on the same crops in the same order, with the
// same bytes of cache (none, where none is named), 8 crops in flight; at the end zarr-python.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command } from "../tools/command.ts";
import { median } from "./drive/median.ts";
import { startWorker, type Worker } from "./drive/worker.ts";
import type { Benchmark, Row } from "./row.ts";
import { assertSameCrops, readAll, type Took, writeAsWeDo } from "./zarr-crops/ours.ts";
import {
  alignedOrigins,
  cropBytes,
  epochOrigins,
  randomOrigins,
  type Work,
} from "./zarr-crops/work.ts";

/** Of each case, ours and the peer's right after each other. */
const rounds = 15;
/** Of overlapping crops, read over and over: about half of an epoch's chunks fit. */
const cacheBytes = 32e6;

interface Case extends Work {
  readonly name: string;
  /** The array's files are not in the page cache when either side begins. */
  readonly isCold?: boolean;
}

const aligned = { origins: alignedOrigins(), cacheBytes: 0 };
const random = { origins: randomOrigins(), cacheBytes: 0 };
const epoch = { origins: epochOrigins(48), cacheBytes };

const cases: readonly Case[] = [
  { name: "blosc-zstd, aligned, not sharded", file: "chunks.zarr", ...aligned },
  { name: "blosc-zstd, random, not sharded", file: "chunks.zarr", ...random },
  { name: "blosc-zstd, aligned, one shard", file: "shard.zarr", ...aligned },
  { name: "blosc-zstd, random, one shard", file: "shard.zarr", ...random },
  { name: "blosc-zstd, epoch, 32 MB, not sharded", file: "chunks.zarr", ...epoch },
  { name: "blosc-zstd, epoch, 32 MB, one shard", file: "shard.zarr", ...epoch },
  { name: "our default, aligned, not sharded", file: "ours.zarr", ...aligned },
  { name: "our default, random, not sharded", file: "ours.zarr", ...random },
  { name: "our default, random, one shard", file: "ours-shard.zarr", ...random },
  { name: "our default, epoch, 32 MB, not sharded", file: "ours.zarr", ...epoch },
  { name: "blosc-lz4, aligned", file: "lz4.zarr", ...aligned },
  { name: "blosc-lz4, random", file: "lz4.zarr", ...random },
  { name: "zstd, aligned", file: "zstd.zarr", ...aligned },
  { name: "zstd, random", file: "zstd.zarr", ...random },
  { name: "zstd, epoch, 32 MB", file: "zstd.zarr", ...epoch },
  { name: "our default, random, cold files", file: "ours.zarr", isCold: true, ...random },
  { name: "our default, random, cold shard", file: "ours-shard.zarr", isCold: true, ...random },
  { name: "zarr-python, aligned", file: "chunks.zarr", peer: "zarr-python", ...aligned },
  { name: "zarr-python, random", file: "chunks.zarr", peer: "zarr-python", ...random },
];

export const benchmark: Benchmark = {
  name: "zarr-crops",
  async run({ python }) {
    const folder = mkdtempSync(join(tmpdir(), "zarr-crops-"));
    const script = join(import.meta.dirname, "peers/zarr_crops.py");
    const { code, output } = await command([python, script, "--make", folder]);
    if (code !== 0) throw new Error(`${script} --make failed:\n${output}`);
    await writeAsWeDo(folder, "chunks.zarr");
    const peer = startWorker([python, script]);
    try {
      const rows: Row[] = [];
      for (const one of cases) {
        rows.push(...(await compare({ ...one, file: join(folder, one.file) }, peer)));
      }
      return rows;
    } finally {
      await peer.close();
      rmSync(folder, { recursive: true });
    }
  },
};

interface Answer extends Took {
  readonly hashes: readonly string[] | null;
}

/**
 * Two rows: what came in a second, and in a second of processor time, which other work on the machine
 * changes less. A ratio is the median of the rounds' own, in which both sides had the same neighbours.
 */
async function compare({ name, isCold = false, ...work }: Case, peer: Worker): Promise<Row[]> {
  const { hashes } = await peer.ask<Answer>({ ...work, check: true });
  await assertSameCrops(work, hashes);
  const makeReady = async () => {
    if (isCold) await peer.ask<true>({ drop: work.file });
  };
  const ourTurn = async () => {
    await makeReady();
    return readAll(work);
  };
  const theirTurn = async () => {
    await makeReady();
    return peer.ask<Answer>({ ...work, check: false });
  };
  const pairs: { ours: Took; theirs: Took }[] = [];
  for (let round = 0; round < rounds; round++) {
    // Who comes first finds the processor's caches as the other left them: each in turn.
    const before = round % 2 === 0 ? undefined : await theirTurn();
    const ours = await ourTurn();
    pairs.push({ ours, theirs: before ?? (await theirTurn()) });
  }
  const gigabytes = (work.origins.length * cropBytes) / 1e9;
  const row = (what: string, unit: string, took: (side: Took) => number): Row => ({
    ...{ bench: "zarr-crops", case: what, unit, runs: rounds },
    ours: gigabytes / median(pairs.map(({ ours }) => took(ours))),
    peer: gigabytes / median(pairs.map(({ theirs }) => took(theirs))),
    ratio: median(pairs.map(({ ours, theirs }) => took(ours) / took(theirs))),
  });
  return [
    row(name, "GB/s", ({ seconds }) => seconds),
    row(`${name}, processor time`, "GB/s", ({ cpuSeconds }) => cpuSeconds),
  ];
}
