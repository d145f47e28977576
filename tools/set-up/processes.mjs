// Processes by pid and start, since pids come round again; and the commands that a killed set-up left.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { home } from "./places.mjs";

/** One note for each group of processes that works for set-up: named by its leader, holds its start. */
const folder = join(home, "running");
const killAfterMs = 10_000;

/**
 * When a process began, in clock ticks since the machine did; undefined when it is gone or a zombie.
 *
 * @param {number} pid
 */
export function startOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" ? undefined : rest[18]; // field 22 of proc(5); the name may hold spaces
  } catch {
    return undefined;
  }
}

/** Notes that a group works for us. @param {number} leader @returns {() => void} takes the note back */
export function noteGroup(leader) {
  const note = join(folder, String(leader));
  mkdirSync(folder, { recursive: true });
  writeFileSync(note, startOf(leader) ?? "");
  return () => rmSync(note, { force: true });
}

/** Sends a signal to a group, if it is still there. @param {number} leader @param {NodeJS.Signals} name */
export function signalGroup(leader, name) {
  try {
    process.kill(-leader, name);
  } catch {} // it has just ended
}

/** Ends what a set-up that was killed has left running: two of one build would spoil each other. */
export async function endLeftovers() {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) {
    const note = join(folder, name);
    const leader = Number(name);
    const start = readFileSync(note, "utf8");
    const began = Date.now();
    const isLate = () => Date.now() - began > 3 * killAfterMs; // a process that waits for a dead disk
    while (start !== "" && startOf(leader) === start && !isLate()) {
      // make and compilers take back what they had half written; SIGKILL would leave it
      signalGroup(leader, Date.now() - began < killAfterMs ? "SIGTERM" : "SIGKILL");
      await sleep(100);
    }
    rmSync(note, { force: true });
  }
}
