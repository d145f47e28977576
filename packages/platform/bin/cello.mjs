#!/usr/bin/env node
// The command `cello`. Plain JavaScript, so that an older Node can still say what it lacks. It runs
// the program that set-up has built, when that was built from the sources as they are now, and else
// the sources themselves: what is edited is run.

import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

// import.meta.dirname is not in Node 18 and the first of 20
const repository = resolve(fileURLToPath(import.meta.url), "../../../..");
const { node } = process.versions;
if (Number.parseInt(node, 10) < 24) {
  console.error(`SET_UP: expected Node.js 24 or newer, this is ${node}`);
  console.error("hint:  `npm run cello -- ...` runs on the Node.js that set-up installed.");
  process.exitCode = 4;
} else {
  // for packages, and for the sources when they are run: theirs are compiled once
  const nodeModule = process.getBuiltinModule("node:module");
  nodeModule.enableCompileCache(join(repository, ".cello/compile-cache"));
  const { runProcess } = (await builtProgram()) ?? (await sources(nodeModule));
  await runProcess(process);
  if (isIdle()) process.exit(); // else Node would still collect the garbage of a process that ends
}

async function builtProgram() {
  if (process.env.CELLO_FROM_SOURCES) return undefined; // to compare the two
  const { loadBuiltProgram } = await import("./built-program.mjs");
  const verb = /^[a-z]+$/.exec(process.argv[2] ?? "")?.[0] ?? "help";
  return loadBuiltProgram(repository, verb);
}

async function sources(nodeModule) {
  // zod brings its errors in sixty languages, a twentieth of a start; the command speaks one
  nodeModule.registerHooks({
    resolve: (name, context, next) =>
      name === "../locales/index.js" && context.parentURL?.includes("/node_modules/zod/")
        ? { url: "data:text/javascript,export{}", shortCircuit: true }
        : next(name, context),
  });
  return import("../src/cli/run-process.ts");
}

/** Nothing is open but the standard streams, and they have handed on what was written to them. */
function isIdle() {
  const { stdout, stderr, connected } = process;
  const isFlushed = stdout.writableLength + stderr.writableLength === 0;
  const open = process.getActiveResourcesInfo();
  return isFlushed && !connected && open.every((kind) => /^(Pipe|TTY)Wrap$/.test(kind));
}
