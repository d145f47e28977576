#!/usr/bin/env node
// The command `cello`. Plain JavaScript, so that an older Node can still say what it lacks, and so
// that Node 24 loads nothing to take types out of it: types are taken out, and code is compiled,
// once; later starts find the result in the cache.

import * as nodeModule from "node:module";
import { join } from "node:path";

const { node } = process.versions;
if (Number.parseInt(node, 10) < 24) {
  console.error(`SET_UP: expected Node.js 24 or newer, this is ${node}`);
  console.error("hint:  `npm run cello -- ...` runs on the Node.js that set-up installed.");
  process.exitCode = 4;
} else {
  nodeModule.enableCompileCache(join(import.meta.dirname, "../../../.cello/compile-cache"));
  // zod brings its errors in sixty languages, a twentieth of a start; the command speaks one
  nodeModule.registerHooks({
    resolve: (name, context, next) =>
      name === "../locales/index.js" && context.parentURL?.includes("/node_modules/zod/")
        ? { url: "data:text/javascript,export{}", shortCircuit: true }
        : next(name, context),
  });
  const { runProcess } = await import("../src/cli/run-process.ts");
  await runProcess(process);
}
