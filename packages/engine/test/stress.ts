// The whole stress test (scenario R34): random calls of every operator that `op` allows, with wrong
// ranks, dtypes, freed tensors, empty and huge sizes; and many small tensors. Prints what came of
// it; ends with 1 when a process died or memory stayed behind. `npm test` runs a small part.
//
//   node packages/engine/test/stress.ts --calls 100000 --tensors 10000000 --seed 1

import { parseArgs } from "node:util";
import { randomCalls } from "./stress/random-calls.ts";
import { allowedGrowthBytes, smallTensors } from "./stress/small-tensors.ts";

const { values } = parseArgs({
  options: {
    calls: { type: "string", default: "100000" },
    tensors: { type: "string", default: "10000000" },
    seed: { type: "string", default: "1" },
  },
});
const callsPerProcess = 10_000;

let errors = 0;
let calls = 0;
for (let seed = Number(values.seed); calls < Number(values.calls); seed += 1) {
  const result = await randomCalls({ seed, calls: callsPerProcess });
  calls += result.calls;
  errors += result.errors;
  if (result.death !== undefined) {
    console.error(`aborted: ${result.death}`);
    process.exitCode = 1;
  }
}
console.log(`${calls} random calls, of which ${errors} ended with an error of ours`);

const drift = smallTensors(Number(values.tensors));
console.log(
  `${values.tensors} small tensors left ${drift.tensors} tensors, ${drift.liveBytes} live bytes; ` +
    `the process grew by ${(drift.residentBytes / 2 ** 20).toFixed(1)} MiB`,
);
const hasGrown = drift.residentBytes > allowedGrowthBytes;
if (drift.tensors !== 0 || drift.liveBytes !== 0 || hasGrown) process.exitCode = 1;
