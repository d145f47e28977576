// The whole soak of the loader: many batches, each voxel compared, and many kills. Prints what was left
// behind, as JSON, and ends with 1 when memory, files, slots or shared memory were. `npm test` runs a small part,
// `npm run verify -- loader` a larger one.
//
//   node --expose-gc packages/platform/test/loader-soak.ts --batches 100000 --kills 100 --seed 1

import { parseArgs } from "node:util";
import { RandomStream } from "../src/rng/random-stream.ts";
import { killedLoader } from "./soak/killed-loader.ts";
import { numSlots, soakedLoader } from "./soak/soaked-loader.ts";

const { values } = parseArgs({
  options: {
    batches: { type: "string", default: "100000" },
    kills: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
  },
});
const [batches = 0, kills = 0, seed = 1] = [values.batches, values.kills, values.seed].map(Number);
if (!globalThis.gc) throw new Error("node --expose-gc, so that what is garbage is not counted");

const rng = new RandomStream({ seed, purpose: "kills", epoch: 0, index: 0 });
const shared: string[] = [];
for (let kill = 0; kill < kills; kill++) {
  shared.push(...(await killedLoader(rng.integer(0, 200))));
}

const { grown, freeSlots, ...soaked } = await soakedLoader(batches, seed);
const mebibyte = 2 ** 20;
/** What stayed behind, and how much may: heaps are never twice the same. */
const left = {
  "memory under a name, of a process that was killed": [shared.length, 0],
  "slots that did not come back": [numSlots - freeSlots, 0],
  "files that stayed open": [grown.openFiles, 0],
  tensors: [grown.tensors, 0],
  "bytes of tensors": [grown.tensorBytes, 0],
  "bytes of JavaScript's heap": [grown.heapBytes, 4 * mebibyte],
  "bytes of its arrays": [grown.arrayBytes, 4 * mebibyte],
  "bytes outside of it": [grown.nativeBytes, 8 * mebibyte],
} as const satisfies Readonly<Record<string, readonly [count: number, most: number]>>;
const faults = Object.entries(left).flatMap(([what, [count, most]]) =>
  count > most ? [`${count} ${what}`] : [],
);
console.log(JSON.stringify({ kills, ...soaked, left, faults, shared }));
process.exitCode = faults.length === 0 ? 0 : 1;
