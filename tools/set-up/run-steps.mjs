// Runs steps side by side as far as their order allows, each into a log file, and says what it does.

import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { freeBytesAt } from "./machine.mjs";
import { home, repository } from "./places.mjs";
import { forgetGroup, noting, signalGroup } from "./processes.mjs";
import { readStamps, writeStamp } from "./stamps.mjs";

/** @typedef {import("./steps.mjs").Step} Step */

const sayEveryMs = 15_000;
const killAfterMs = 10_000;

/** A step that did not make what it should, with what to do about it. */
export class StepError extends Error {
  /** @param {string} message @param {string} hint */
  constructor(message, hint) {
    super(message);
    this.name = "StepError";
    this.hint = hint;
  }
}

/** The steps that have something to do. @param {readonly Step[]} steps */
export function pending(steps) {
  const stamps = readStamps();
  return steps.filter((step) => stamps[step.name] !== step.stamp() || !step.isThere());
}

/**
 * Does the steps, those that do not wait for each other side by side. On the first failure, or
 * when `signal` aborts, the others are ended; steps that were done stay done.
 *
 * @param {readonly Step[]} steps @param {{ signal: AbortSignal, say: (line: string) => void }} options
 */
export async function runSteps(steps, { signal, say }) {
  const ending = new AbortController();
  const forward = () => ending.abort(signal.reason);
  signal.addEventListener("abort", forward, { once: true });
  if (signal.aborted) forward();
  /** @type {Map<string, Promise<void>>} */
  const running = new Map();
  for (const step of steps) {
    const before = step.after.flatMap((name) => running.get(name) ?? []);
    const work = Promise.all(before).then(() => runStep(step, { signal: ending.signal, say }));
    work.catch((error) => ending.abort(error)); // the first cause stays the reason
    running.set(step.name, work);
  }
  await Promise.allSettled(running.values());
  signal.removeEventListener("abort", forward);
  ending.signal.throwIfAborted();
}

/** @param {Step} step @param {{ signal: AbortSignal, say: (line: string) => void }} options */
async function runStep(step, { signal, say }) {
  signal.throwIfAborted();
  const began = Date.now();
  const seconds = () => `${Math.round((Date.now() - began) / 1000)} s`;
  mkdirSync(join(home, "logs"), { recursive: true });
  const logFile = join(home, "logs", `${step.name}.log`);
  const log = openSync(logFile, "w");
  say(`  ... ${step.title}`);
  const ticking = setInterval(() => {
    const latest = latestProgress(step, logFile);
    say(`  ... ${step.title}: ${seconds()}${latest === undefined ? "" : `, ${latest}`}`);
  }, sayEveryMs);
  try {
    writeStamp(step.name, undefined);
    step.before?.();
    const stamp = step.stamp(); // from before: what is edited during a build is still to be built
    for (const command of step.commands()) {
      const how = await runCommand(command, { log, signal, environment: step.environment?.() });
      signal.throwIfAborted();
      if (how !== undefined) throw commandError(step, command, how, logFile);
    }
    step.finish?.();
    if (!step.isThere()) {
      const message = `${step.title} ended without an error, but did not leave what it makes.`;
      throw new StepError(`${message}\nwhole log: ${logFile}`, whatToDo(step, tailOf(logFile)));
    }
    writeStamp(step.name, stamp);
  } finally {
    clearInterval(ticking);
    closeSync(log);
  }
  say(`  ok  ${step.title}: ${seconds()}`);
}

/**
 * Runs a command whose output goes straight to the log, so that it is not lost with us.
 *
 * @param {string[]} command
 * @param {{ log: number, signal: AbortSignal, environment: Record<string, string> | undefined }} options
 * @returns {Promise<string | undefined>} how it failed; undefined when it did not
 */
async function runCommand(command, { log, signal, environment }) {
  const [program, ...args] = noting(command);
  const child = spawn(program, args, {
    cwd: repository,
    env: { ...process.env, ...environment },
    stdio: ["ignore", log, log],
    detached: true, // a group of its own, so that a stop reaches compilers and linkers too
  });
  const { pid } = child;
  /** @type {NodeJS.Timeout | undefined} */
  let killing;
  const stop = () => {
    if (pid === undefined) return;
    signalGroup(pid, "SIGTERM");
    killing = setTimeout(() => signalGroup(pid, "SIGKILL"), killAfterMs);
  };
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await new Promise((resolve) => {
      child.on("error", ({ message }) => resolve(message));
      child.on("close", (code, by) =>
        resolve(code === 0 ? undefined : by ? `ended by ${by}` : `exit ${code}`),
      );
    });
  } finally {
    clearTimeout(killing);
    signal.removeEventListener("abort", stop);
    if (pid !== undefined) forgetGroup(pid);
  }
}

/** @param {Step} step @param {string[]} command @param {string} how @param {string} logFile */
function commandError(step, command, how, logFile) {
  const tail = tailOf(logFile);
  return new StepError(
    `${step.title} failed (${how}).\n\n${tail}\n\ncommand: ${command.join(" ")}\nwhole log: ${logFile}`,
    whatToDo(step, tail),
  );
}

/** What npm, pip and cargo say when what they ask for does not come. */
const unreachable =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|NewConnectionError|ConnectTimeout|No matching distribution|Could not resolve host|Couldn't connect to server|failed to download/;

/** @param {Step} step @param {string} tail */
function whatToDo({ source, clean }, tail) {
  const freeGb = freeBytesAt(home) / 1e9;
  if (freeGb < 0.5 || tail.includes("No space left on device")) {
    return `the disk is full (${freeGb.toFixed(1)} GB free at ${home}): make room for 5 GB, and run the same command again.`;
  }
  if (source !== undefined && unreachable.test(tail)) {
    return `${source} did not give what was asked for: check the network, or the proxy in HTTPS_PROXY, and run the same command again.`;
  }
  const again = "run the same command again; what was done already is kept.";
  return clean === undefined ? again : `${again} npm run build:native builds from nothing.`;
}

/** @param {string} logFile */
function tailOf(logFile) {
  return readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-25).join("\n");
}

/** What the last line that says something of the progress says. @param {Step} step @param {string} logFile */
function latestProgress({ progress }, logFile) {
  if (progress === undefined) return undefined;
  const lines = readFileSync(logFile, "utf8").split("\n").reverse();
  for (const line of lines) {
    const found = progress(line);
    if (found !== undefined) return found;
  }
  return undefined;
}
