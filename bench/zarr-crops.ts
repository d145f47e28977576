// 128^3 crops of a uint16 volume of 384^3, in chunks of 64^3, blosc with zstd 1 and bit shuffle, as
// zarr-python writes it; page cache warm, no cache of chunks, 8 crops in flight, memory preallocated.
// The peer is TensorStore, on the same crops in the same order.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openArray, type ZarrArray } from "@cell-observatory/zarr";
import { command } from "../tools/command.ts";
import { median } from "./drive/median.ts";
import { startWorker, type Worker } from "./drive/worker.ts";
import type { Benchmark, Row } from "./row.ts";

type Origin = readonly [z: number, y: number, x: number];

const size = 384;
const chunk = 64;
const crop = 128;
const numCrops = 40;
const inFlight = 8;
const rounds = 15;
const cropBytes = crop ** 3 * Uint16Array.BYTES_PER_ELEMENT;

export const benchmark: Benchmark = {
  name: "zarr-crops",
  async run({ python }) {
    const folder = mkdtempSync(join(tmpdir(), "zarr-crops-"));
    const script = join(import.meta.dirname, "peers/zarr_crops.py");
    const { code, output } = await command([python, script, "--make", folder]);
    if (code !== 0) throw new Error(`${script} --make failed:\n${output}`);
    const peer = startWorker([python, script]);
    try {
      const cases = [
        { name: "aligned, not sharded", file: "chunks.zarr", origins: alignedOrigins() },
        { name: "random, not sharded", file: "chunks.zarr", origins: randomOrigins() },
        { name: "aligned, one shard", file: "shard.zarr", origins: alignedOrigins() },
        { name: "random, one shard", file: "shard.zarr", origins: randomOrigins() },
      ];
      const rows: Row[] = [];
      for (const { name, file, origins } of cases) {
        rows.push(await compare(name, join(folder, file), origins, peer));
      }
      return rows;
    } finally {
      await peer.close();
      rmSync(folder, { recursive: true });
    }
  },
};

interface Answer {
  readonly seconds: number;
  readonly sums: readonly number[] | null;
}

async function compare(
  name: string,
  path: string,
  origins: readonly Origin[],
  peer: Worker,
): Promise<Row> {
  const array = await openArray(path);
  await assertSameSums(array, origins, await peer.ask<Answer>({ path, origins, check: true }));
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    ours.push(await readAll(array, origins));
    theirs.push((await peer.ask<Answer>({ path, origins, check: false })).seconds);
  }
  const speed = (seconds: readonly number[]) => (numCrops * cropBytes) / median(seconds) / 1e9;
  const [a, b] = [speed(ours), speed(theirs)];
  return {
    bench: "zarr-crops",
    case: name,
    ours: a,
    peer: b,
    ratio: b / a,
    unit: "GB/s",
    runs: rounds,
  };
}

const slots = Array.from({ length: inFlight }, () =>
  new Uint16Array(new SharedArrayBuffer(cropBytes)).fill(1),
);
const shape = [crop, crop, crop];

/** @returns seconds, with `inFlight` crops on their way at any time. */
async function readAll(array: ZarrArray, origins: readonly Origin[]): Promise<number> {
  const begin = performance.now();
  let next = 0;
  const fill = async (slot: Uint16Array) => {
    for (let origin = origins[next++]; origin; origin = origins[next++]) {
      await array.readInto(slot, { origin, shape });
    }
  };
  await Promise.all(slots.map(fill));
  return (performance.now() - begin) / 1000;
}

async function assertSameSums(
  array: ZarrArray,
  origins: readonly Origin[],
  { sums }: Answer,
): Promise<void> {
  const [slot] = slots;
  if (!slot) throw new Error("expected memory for a crop");
  for (const [index, origin] of origins.entries()) {
    await array.readInto(slot, { origin, shape });
    const sum = slot.reduce((total, value) => total + value, 0);
    if (sum === sums?.[index]) continue;
    throw new Error(`crop ${index} at ${origin}: expected the sum ${sums?.[index]}, found ${sum}`);
  }
}

function alignedOrigins(): readonly Origin[] {
  const last = (size - crop) / chunk;
  return drawn((unit) => Math.floor(unit * (last + 1)) * chunk);
}

function randomOrigins(): readonly Origin[] {
  return drawn((unit) => Math.floor(unit * (size - crop + 1)));
}

/** The same places in every run: mulberry32 from a fixed seed. */
function drawn(place: (unit: number) => number): readonly Origin[] {
  let state = 1;
  const unit = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return Array.from({ length: numCrops }, () => [place(unit()), place(unit()), place(unit())]);
}
