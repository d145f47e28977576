// Our side of bench/compose.ts: each line asks for one composition, from the files on.

import { createInterface } from "node:readline";
import { composeRun } from "../../packages/platform/src/config/index.ts";

const [configName = ""] = process.argv.slice(2);
const request = { configName, overrides: [], configDirs: [], env: process.env };
for await (const _ of createInterface({ input: process.stdin })) {
  const began = performance.now();
  composeRun(request);
  console.log(JSON.stringify({ ms: performance.now() - began }));
}
