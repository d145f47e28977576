// The whole soak of the loader: many batches, and many kills. Prints what grew, and ends with 1 when
// memory, files or slots stayed behind. `npm test` runs a small part.
//
//   node --expose-gc packages/platform/test/loader-soak.ts --batches 100000 --kills 100

import { parseArgs } from "node:util";
import { killedLoader } from "./soak/killed-loader.ts";
import { numSlots, soakedLoader } from "./soak/soaked-loader.ts";

const { values } = parseArgs({
  options: {
    batches: { type: "string", default: "100000" },
    kills: { type: "string", default: "100" },
  },
});

const left: string[] = [];
for (let kill = 0; kill < Number(values.kills); kill++) {
  left.push(...(await killedLoader((kill * 37) % 200)));
}
console.log(JSON.stringify({ kills: Number(values.kills), left }));

const soaked = await soakedLoader(Number(values.batches));
console.log(JSON.stringify(soaked));
const { grown, freeSlots } = soaked;
const isClean =
  left.length === 0 &&
  freeSlots === numSlots &&
  grown.openFiles <= 0 &&
  grown.tensors === 0 &&
  grown.tensorBytes === 0 &&
  grown.heapBytes < 2 ** 22 &&
  grown.arrayBytes < 2 ** 22 &&
  grown.nativeBytes < 2 ** 24;
process.exitCode = isClean ? 0 : 1;
