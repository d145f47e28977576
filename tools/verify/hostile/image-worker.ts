// Scenario R33, in a process of its own, since it is to be hurt:
//
//     node image-worker.ts SEED MILLISECONDS [ENDING] [CASES]

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CellError } from "../../../packages/platform/src/errors/index.ts";
import { openSource } from "../../../packages/platform/src/images/import/open-source.ts";
import { newSamples } from "../../../packages/platform/src/images/tiff/samples.ts";
import type { HostileReport } from "../hostile.ts";
import { Dice } from "../hydra/dice.ts";
import { fuzzFiles, type Outcome } from "./fuzz-files.ts";
import { imageSeeds, mutatedImage } from "./image-cases.ts";

const [seed = 0, milliseconds = 0] = process.argv.slice(2, 4).map(Number);
const ending = process.argv[4] ?? "";
const mostCases = Number(process.argv[5] ?? Number.POSITIVE_INFINITY);

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
    const outcome = await outcomeOf(name, bytes); // what is whole is read
    if (outcome !== "read") throw new Error(`${name}: ${outcome}`);
  }
  let one = dice.of(seeds);
  let bytes = one.bytes;
  return fuzzFiles({
    ...{ what: ending || "image files", seed, milliseconds, mostCases },
    prepare: () => {
      one = dice.of(seeds);
      bytes = mutatedImage(dice, one);
      return one.name;
    },
    read: () => outcomeOf(one.name, bytes),
  });
}

async function outcomeOf(name: string, bytes: Buffer): Promise<Outcome> {
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
