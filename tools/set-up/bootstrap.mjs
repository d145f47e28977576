#!/usr/bin/env node
// Set-up: makes the machine ready, or finds in a blink that it is. Every npm script begins here.
// Plain JavaScript without packages, because it runs before any is installed, on Node 20 or newer.
//
//   node tools/set-up/bootstrap.mjs [--quiet] [--rebuild-native]

import { toolChecks } from "./checks.mjs";
import { withLock } from "./lock.mjs";
import { endLeftovers } from "./processes.mjs";
import { pending, runSteps, StepError } from "./run-steps.mjs";
import { steps } from "./steps.mjs";

const flags = new Set(process.argv.slice(2));
const isQuiet = flags.has("--quiet");
const isRebuild = flags.has("--rebuild-native");
/** npm hands on a Ctrl-C that the terminal has sent us already: what comes so soon is its echo. */
const echoMs = 1000;

const stop = new AbortController();
let askedAt = 0;
for (const name of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
  process.on(name, () => {
    if (askedAt !== 0 && Date.now() - askedAt > echoMs) process.exit(130);
    askedAt ||= Date.now();
    stop.abort(new Error(`set-up was stopped by ${name}`));
  });
}

try {
  if (isRebuild || pending(steps).length > 0) {
    await withLock(setUp, { say, signal: stop.signal });
  } else if (!isQuiet) say("Set-up: nothing to do.");
} catch (error) {
  const cause = stop.signal.aborted ? stop.signal.reason : error;
  console.error(`\nSET_UP: ${messageOf(cause)}`);
  console.error(`hint:  ${hintOf(cause)}`);
  process.exitCode = stop.signal.aborted ? 130 : 4;
}

async function setUp() {
  await endLeftovers();
  if (isRebuild) for (const step of steps) step.clean?.();
  const todo = pending(steps); // looked at again: another set-up may have done it meanwhile
  if (todo.length === 0) return;
  if (todo.every(({ isQuick }) => isQuick)) {
    return runSteps(todo, { signal: stop.signal, say: isQuiet ? () => {} : say });
  }
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

/** @param {unknown} error */
function messageOf(error) {
  if (!(error instanceof Error)) return String(error);
  const isOfTheMachine = error instanceof StepError || stop.signal.aborted || "code" in error;
  return isOfTheMachine ? error.message : error.stack;
}

/** @param {unknown} error */
function hintOf(error) {
  if (error instanceof StepError) return error.hint;
  switch (error instanceof Error && "code" in error && error.code) {
    case "ENOSPC":
    case "EDQUOT":
      return "make room for 5 GB on that disk, and run the same command again.";
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return "set-up writes to .cello/ and node_modules/ of the clone: make them writable, or clone to a folder of yours.";
    default:
      return "run the same command again; what was done already is kept.";
  }
}

/** @param {string} line */
function say(line) {
  console.error(line);
}
