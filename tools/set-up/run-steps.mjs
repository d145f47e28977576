// Runs steps side by side as far as their order allows, each into a log file, and says what it does.

import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { home, repository } from "./places.mjs";
import { readStamps, writeStamp } from "./stamps.mjs";

/** @typedef {import("./steps.mjs").Step} Step */

const sayEveryMs = 15_000;

/** A step whose command failed, with the end of what it printed. */
export class StepError extends Error {
  /** @param {Step} step @param {string[]} command @param {string} logFile @param {string} how */
  constructor(step, command, logFile, how) {
    const tail = readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-25).join("\n");
    super(
      `${step.title} ${how}.\n\n${tail}\n\ncommand: ${command.join(" ")}\nwhole log: ${logFile}`,
    );
    this.name = "StepError";
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
  const failure = new AbortController();
  const both = AbortSignal.any([signal, failure.signal]);
  /** @type {Map<string, Promise<void>>} */
  const running = new Map();
  for (const step of steps) {
    const before = step.after.flatMap((name) => running.get(name) ?? []);
    const work = Promise.all(before).then(() => runStep(step, { signal: both, say }));
    work.catch((error) => failure.abort(error));
    running.set(step.name, work);
  }
  const results = await Promise.allSettled(running.values());
  if (failure.signal.aborted) throw failure.signal.reason;
  if (results.some(({ status }) => status === "rejected")) throw signal.reason;
}

/** @param {Step} step @param {{ signal: AbortSignal, say: (line: string) => void }} options */
async function runStep(step, { signal, say }) {
  signal.throwIfAborted();
  const began = Date.now();
  const seconds = () => `${Math.round((Date.now() - began) / 1000)} s`;
  let latest = "";
  say(`  ... ${step.title}`);
  const ticking = setInterval(
    () => say(`  ... ${step.title}: ${seconds()}${latest === "" ? "" : `, ${latest}`}`),
    sayEveryMs,
  );
  try {
    writeStamp(step.name, undefined);
    step.before?.();
    for (const command of step.commands()) {
      await runCommand(step, command, signal, (line) => {
        latest = step.progress?.(line) ?? latest;
      });
    }
    step.finish?.();
    writeStamp(step.name, step.stamp());
  } finally {
    clearInterval(ticking);
  }
  say(`  ok  ${step.title}: ${seconds()}`);
}

/**
 * @param {Step} step @param {string[]} command @param {AbortSignal} signal
 * @param {(line: string) => void} onLine @returns {Promise<void>}
 */
async function runCommand(step, command, signal, onLine) {
  const [program = "", ...args] = command;
  signal.throwIfAborted();
  mkdirSync(join(home, "logs"), { recursive: true });
  const logFile = join(home, "logs", `${step.name}.log`);
  const log = createWriteStream(logFile);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: repository,
      env: { ...process.env, ...step.environment?.() },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true, // a group of its own, so that a stop reaches compilers and linkers too
    });
    const stop = () => child.pid !== undefined && process.kill(-child.pid, "SIGTERM");
    signal.addEventListener("abort", stop, { once: true });
    for (const stream of [child.stdout, child.stderr]) {
      stream.pipe(log, { end: false });
      createInterface({ input: stream }).on("line", onLine);
    }
    child.on("error", (error) => log.end(`${error.message}\n`, () => ended(error.message)));
    child.on("close", (code, by) =>
      log.end(() => (code === 0 ? finished() : ended(by ? `was ended by ${by}` : `exit ${code}`))),
    );
    const finished = () => {
      signal.removeEventListener("abort", stop);
      resolve();
    };
    /** @param {string} how */
    const ended = (how) => {
      signal.removeEventListener("abort", stop);
      reject(
        signal.aborted ? signal.reason : new StepError(step, command, logFile, `failed (${how})`),
      );
    };
  });
}
