// Runs in a process of its own, since it is to be hurt: node worker.ts SEED MILLISECONDS

import { readFileSync, writeFileSync } from "node:fs";
import { hostileFiles } from "../../../packages/platform/src/config/hostile.fixture.ts";
import type { HostileReport } from "../hostile.ts";
import { Dice } from "../hydra/dice.ts";
import { hostileLines, hostileSweeps, hostileTrees } from "./cases.ts";
import { fuzzCase } from "./fuzz.ts";
import { composeText, expandLine, readFile } from "./targets.ts";

const [seed = 0, fuzzMs = 0] = process.argv.slice(2).map(Number);
const say = (report: HostileReport) => console.log(JSON.stringify(report));

composeText({ "config.yaml": "a: ${b}\nb: 1\n" }, ["a=2"]); // nothing is measured cold
for (const { what, text, message } of hostileFiles()) {
  say(measured(what, () => readFile(text), message));
}
for (const [what, line] of hostileLines) {
  say(measured(what, () => composeText({ "config.yaml": "a: {b: 1}\nc: 2\n" }, [line])));
}
for (const [what, line] of hostileSweeps) say(measured(what, () => expandLine(line)));
for (const [what, files] of hostileTrees) say(measured(what, () => composeText(files, [])));
say(fuzzed());

/** One case: it must be refused by one of our own errors, and say what it must. */
function measured(what: string, act: () => string | null, message = /./): HostileReport {
  globalThis.gc?.();
  writeFileSync("/proc/self/clear_refs", "5"); // the peak counts from here
  const before = peakBytes();
  const began = process.cpuUsage();
  const refusal = tried(act);
  const { user, system } = process.cpuUsage(began);
  return {
    what,
    ms: (user + system) / 1000,
    bytes: peakBytes() - before,
    fault: refusal.startsWith("fault: ") || !message.test(refusal) ? refusal : pollution(),
  };
}

function tried(act: () => string | null): string {
  try {
    return act() ?? "fault: it was accepted";
  } catch (error) {
    return `fault: ${error instanceof Error ? error.stack : error}`;
  }
}

function peakBytes(): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1]) * 1024;
}

/** A key that any object has now, and had not. */
function pollution(): string | null {
  for (const key in {}) return `every object has a key ${key} now`;
  for (const key of ["x", "polluted", "b"]) {
    if (Reflect.get({}, key) !== undefined) return `every object has a key ${key} now`;
  }
  return null;
}

function fuzzed(): HostileReport {
  const dice = new Dice(seed);
  const began = performance.now();
  let [count, refused, worst, fault] = [0, 0, 0, null as string | null];
  for (; performance.now() - began < fuzzMs && fault === null; count++) {
    const { act, text } = fuzzCase(dice);
    const start = process.cpuUsage();
    const refusal = tried(() => act() ?? "");
    const { user, system } = process.cpuUsage(start);
    worst = Math.max(worst, (user + system) / 1000);
    if (refusal !== "") refused += 1;
    const wrong = refusal.startsWith("fault: ") ? refusal : pollution();
    if (wrong !== null) fault = `${wrong}\n      case ${count} of seed ${seed}: ${text}`;
  }
  const ms = worst.toFixed(0);
  const what = `mutated cases in ${fuzzMs / 1000} s, ${refused} refused by name; slowest ${ms} ms (seed ${seed})`;
  return { what, ms: 0, bytes: 0, fault, count, isLast: true };
}
