#!/usr/bin/env node
// Set-up: makes the machine ready, or finds in a blink that it is. Every npm script begins here.
// Plain JavaScript without packages, because it runs before any is installed, on Node 20 or newer.
//
//   node tools/set-up/bootstrap.mjs [--quiet] [--rebuild-native]

import { toolChecks } from "./checks.mjs";
import { withLock } from "./lock.mjs";
import { pending, runSteps, StepError } from "./run-steps.mjs";
import { writeStamp } from "./stamps.mjs";
import { steps } from "./steps.mjs";

const flags = new Set(process.argv.slice(2));
const stop = new AbortController();
for (const name of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
  process.once(name, () => stop.abort(new Error(`set-up was stopped by ${name}`)));
}

try {
  if (flags.has("--rebuild-native"))
    for (const name of ["engine", "zarr"]) writeStamp(name, undefined);
  if (pending(steps).length > 0) await withLock(setUp, { say, signal: stop.signal });
  else if (!flags.has("--quiet")) say("Set-up: nothing to do.");
} catch (error) {
  const known = error instanceof StepError || stop.signal.aborted;
  console.error(`\nSET_UP: ${known && error instanceof Error ? error.message : error}`);
  console.error("hint:  run the same command again; what was done already is kept.");
  process.exitCode = stop.signal.aborted ? 130 : 4;
}

async function setUp() {
  const todo = pending(steps); // looked at again: another set-up may have done it meanwhile
  if (todo.length === 0) return;
  const lacking = (await toolChecks()).filter(({ status }) => status === "fail");
  if (lacking.length > 0) {
    console.error("\nSET_UP: this machine lacks what set-up needs:\n");
    for (const { name, found, fix } of lacking)
      console.error(`  ${name}: ${found}\n    fix: ${fix}\n`);
    process.exitCode = 4;
    return;
  }
  const began = Date.now();
  say(
    `Set-up: ${todo.length} of ${steps.length} parts to do; under 10 minutes on 2 cores the first time.`,
  );
  await runSteps(todo, { signal: stop.signal, say });
  say(`Set-up: done in ${Math.round((Date.now() - began) / 1000)} s.`);
}

/** @param {string} line */
function say(line) {
  console.error(line);
}
