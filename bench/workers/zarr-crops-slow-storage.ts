// Reads all crops of an array twice, some ahead of the one that is worked on. Writes one line: how
// long it took, and how many bytes storage gave.

import { setTimeout } from "node:timers/promises";
import { parseArgs } from "node:util";
import { openArray, setThreads } from "@cell-observatory/zarr";

const { values } = parseArgs({
  options: {
    array: { type: "string", default: "" },
    threads: { type: "string", default: "" },
    /** Reads in flight beside the crop that is worked on. */
    ahead: { type: "string", default: "" },
    /** That a step works on a crop. */
    "step-ms": { type: "string", default: "0" },
  },
});
const chunksPerCrop = 4;
setThreads(Number(values.threads));
const array = await openArray(values.array);
const [depth = 0, ...sides] = array.shape;
const cropShape = [chunksPerCrop * (array.chunkShape[0] ?? 0), ...sides];
const numCrops = (2 * depth) / (cropShape[0] ?? 1);

async function readCrop(index: number): Promise<number> {
  const target = new Uint16Array(cropShape.reduce((a, b) => a * b));
  const origin = [(index * (cropShape[0] ?? 0)) % depth, ...sides.map(() => 0)];
  const { storedBytes } = await array.readInto(target, { origin, shape: cropShape });
  return storedBytes;
}

const begin = performance.now();
const reads: Promise<number>[] = [];
let bytes = 0;
for (let crop = 0; crop < numCrops; crop++) {
  while (reads.length < numCrops && reads.length <= crop + Number(values.ahead)) {
    reads.push(readCrop(reads.length));
  }
  bytes += (await reads[crop]) ?? 0;
  const stepMs = Number(values["step-ms"]);
  if (stepMs > 0) await setTimeout(stepMs);
}
console.log(JSON.stringify({ seconds: (performance.now() - begin) / 1000, bytes }));
