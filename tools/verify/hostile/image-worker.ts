// Scenario R33, in a process of its own, since it is to be hurt:
//
//     node image-worker.ts SEED MILLISECONDS [ENDING] [CASES]

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CellError } from "../../../packages/platform/src/errors/index.ts";
import { openSource } from "../../../packages/platform/src/images/import/open-source.ts";
import { newSamples } from "../../../packages/platform/src/images/tiff/samples.ts";
import type { HostileReport } from "../hostile.ts";
import { Dice } from "../hydra/dice.ts";
import { imageSeeds, mutatedImage } from "./image-cases.ts";

const [seed = 0, milliseconds = 0] = process.argv.slice(2, 4).map(Number);
const ending = process.argv[4] ?? "";
const most = Number(process.argv[5] ?? Number.POSITIVE_INFINITY);
const mostBytes = 200e6;
const slowMs = 2000;

const folder = mkdtempSync(join(tmpdir(), "hostile-"));
try {
  console.log(JSON.stringify(await fuzzed()));
} finally {
  rmSync(folder, { recursive: true });
}

async function fuzzed(): Promise<HostileReport> {
  const dice = new Dice(seed);
  const seeds = imageSeeds(ending);
  for (const { name, bytes } of seeds) {
    const fault = await faultOf(name, bytes); // what is whole is read
    if (fault !== "read") throw new Error(`${name}: ${fault}`);
  }
  const before = residentBytes();
  const began = performance.now();
  let [count, refused, worst, largest] = [0, 0, 0, before];
  let fault: string | null = null;
  for (; performance.now() - began < milliseconds && count < most && fault === null; count++) {
    const one = dice.of(seeds);
    const bytes = mutatedImage(dice, one);
    const start = process.cpuUsage();
    const outcome = await faultOf(one.name, bytes);
    const { user, system } = process.cpuUsage(start);
    const ms = (user + system) / 1000;
    worst = Math.max(worst, ms);
    if (count % 100 === 0) largest = Math.max(largest, residentBytes());
    if (outcome === "refused") refused += 1;
    else if (outcome !== "read") fault = outcome;
    if (ms > slowMs) fault ??= `${ms.toFixed(0)} ms of processor time`;
    if (largest - before > mostBytes) fault ??= `${((largest - before) / 1e6).toFixed(0)} MB more`;
    if (fault !== null) fault += `\n      case ${count} of seed ${seed}, from ${one.name}`;
  }
  const grown = ((largest - before) / 1e6).toFixed(0);
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  const what = `mutated ${ending || "image files"} in ${seconds} s, ${refused} refused by name; slowest ${worst.toFixed(0)} ms, ${grown} MB more memory (seed ${seed})`;
  return { what, ms: 0, bytes: 0, fault, count, isLast: true };
}

/** "read", "refused" by an error of ours, or what is wrong. */
async function faultOf(name: string, bytes: Buffer): Promise<string> {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  try {
    const axes = name.endsWith(".npy") || name.endsWith(".npz") ? "ZYX" : null;
    await using source = await openSource(path, { axes, workFolder: folder });
    const [T, Z, Y, X, C] = source.shape;
    const numbers = T * Z * Y * X * C;
    // A file of a few thousand bytes cannot hold more, packed as it may be.
    if (numbers > 1100 * (bytes.length + 4096)) return `it claims ${numbers} numbers`;
    const into = newSamples(source.sampleType, numbers);
    await source.read({ origin: [0, 0, 0, 0], shape: [T, Z, Y, X] }, into, {});
    return "read";
  } catch (error) {
    if (error instanceof CellError && /^(TIFF|DATA)_/.test(error.code)) return "refused";
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

function residentBytes(): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1]) * 1024;
}
