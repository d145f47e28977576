// Processes by pid and start, since pids come round again; and the commands that a killed set-up left.

import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { home } from "./places.mjs";

/** One note for each group of processes that works for set-up: named by its leader, holds its stat. */
const folder = join(home, "running");
const killAfterMs = 10_000;

/**
 * When a process began, in clock ticks since the machine did; undefined when it is gone or a zombie.
 *
 * @param {number} pid
 */
export function startOf(pid) {
  try {
    return startIn(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return undefined;
  }
}

/** @param {string} stat as /proc/PID/stat has it; undefined of a zombie, and of nothing */
function startIn(stat) {
  const [state, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return state === "Z" ? undefined : rest[18]; // field 22 of proc(5); the name may hold spaces
}

/**
 * The command, as one that first notes its own group: were the note ours to write, a set-up that is
 * killed just after it has started the command would leave a group that nobody knows of.
 *
 * @param {readonly string[]} command @returns {[string, ...string[]]}
 */
export function noting(command) {
  mkdirSync(folder, { recursive: true });
  return ["sh", "-c", 'cat /proc/$$/stat > "$0/$$" && exec "$@"', folder, ...command];
}

/** Takes the note of a group back. @param {number} leader */
export function forgetGroup(leader) {
  rmSync(join(folder, String(leader)), { force: true });
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
    const start = startIn(readFileSync(note, "utf8"));
    const began = Date.now();
    const isLate = () => Date.now() - began > 3 * killAfterMs; // a process that waits for a dead disk
    while (start !== undefined && startOf(leader) === start && !isLate()) {
      // make and compilers take back what they had half written; SIGKILL would leave it
      signalGroup(leader, Date.now() - began < killAfterMs ? "SIGTERM" : "SIGKILL");
      await sleep(100);
    }
    forgetGroup(leader);
  }
}
