// Asks a catalogue, once for each line on stdin: when the first batch came, when the table was whole,
// and how much memory it took.

import { createInterface } from "node:readline";
import { DuckDbDatabase, HypercubeTable } from "../../packages/platform/src/database/index.ts";
import { processPeakBytes } from "./process-peak.ts";

const [catalogue_path = "", query = "{}"] = process.argv.slice(2);
await using database = await DuckDbDatabase.open({ catalogue_path });

for await (const line of createInterface({ input: process.stdin })) {
  const { whole } = JSON.parse(line) as { readonly whole: boolean };
  const began = performance.now();
  let firstMs = 0;
  async function* timed() {
    for await (const batch of database.hypercubes(JSON.parse(query))) {
      if (firstMs === 0) firstMs = performance.now() - began;
      yield batch;
      if (!whole) return;
    }
  }
  const { numRows } = await HypercubeTable.from(timed());
  const wholeMs = performance.now() - began;
  console.log(JSON.stringify({ firstMs, wholeMs, numRows, peakBytes: processPeakBytes() }));
}
