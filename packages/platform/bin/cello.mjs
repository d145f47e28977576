#!/usr/bin/env node
// The command `cello`. Plain JavaScript, so that Node loads nothing to take types out of it: types
// are taken out, and code is compiled, once; later starts find the result in the cache.

import { enableCompileCache } from "node:module";
import { join } from "node:path";

enableCompileCache(join(import.meta.dirname, "../../../.cello/compile-cache"));
const { runProcess } = await import("../src/cli/run-process.ts");
await runProcess(process);
