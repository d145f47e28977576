// One set-up at a time: a second waits for the first, and takes over from one that died.
//
// The lock is the file `lock/N` with the highest N. Taking it means making `lock/N+1` as a hard link,
// whole and by one process only; N only grows, so nobody removes a lock that another has just taken.

import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { home } from "./places.mjs";
import { startOf } from "./processes.mjs";

const folder = join(home, "lock");
const beatEveryMs = 10_000;
/** The holder on another machine, which cannot be looked for, is dead when it was silent for this long. */
const silentMs = 60_000;

/** @typedef {{ pid: number, start: string | undefined, host: string }} Holder */

/**
 * @template T
 * @param {() => Promise<T>} body @param {{ say: (line: string) => void, signal: AbortSignal }} options
 * @returns {Promise<T>}
 */
export async function withLock(body, { say, signal }) {
  mkdirSync(folder, { recursive: true });
  let told = false;
  for (;;) {
    const last = Math.max(0, ...numbers());
    const holder = last === 0 ? undefined : holderOf(last);
    if (holder === undefined) {
      const file = take(last + 1);
      if (file === undefined) continue; // another was first: look again
      return await hold(file, body);
    }
    if (!told) say(`Another set-up works in this folder (${nameOf(holder)}); waiting for it.`);
    told = true;
    await sleep(500, undefined, { signal });
  }
}

/** @template T @param {string} file @param {() => Promise<T>} body @returns {Promise<T>} */
async function hold(file, body) {
  const beating = setInterval(
    () => quietly(() => utimesSync(file, new Date(), new Date())),
    beatEveryMs,
  );
  try {
    return await body();
  } finally {
    clearInterval(beating);
    quietly(() => truncateSync(file)); // it stays, so that numbers go on from it; empty is released
  }
}

/** The lock's file, when it is ours. @param {number} number @returns {string | undefined} */
function take(number) {
  const file = join(folder, String(number));
  const whole = join(folder, `take-${process.pid}`);
  writeFileSync(whole, JSON.stringify(thisProcess()));
  try {
    linkSync(whole, file);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return undefined;
    throw error;
  } finally {
    rmSync(whole, { force: true });
  }
  const now = numbers();
  const others = Math.max(...now) === number ? now.filter((other) => other < number) : [number];
  for (const other of others) rmSync(join(folder, String(other)), { force: true });
  return others.includes(number) ? undefined : file;
}

function numbers() {
  return readdirSync(folder).flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
}

/** Who holds the lock; undefined when it is released, or its process is gone. @param {number} number */
function holderOf(number) {
  const file = join(folder, String(number));
  try {
    /** @type {Partial<Holder>} */
    const { pid, start, host } = JSON.parse(readFileSync(file, "utf8"));
    if (pid === undefined || host === undefined) return undefined;
    const isAlive =
      host === hostname() ? startOf(pid) === start : Date.now() - statSync(file).mtimeMs < silentMs;
    return isAlive ? { pid, start, host } : undefined;
  } catch {
    return undefined; // released, gone in the meantime, or spoilt by a power cut
  }
}

/** @returns {Holder} */
function thisProcess() {
  return { pid: process.pid, start: startOf(process.pid), host: hostname() };
}

/** @param {Holder} holder */
function nameOf({ pid, host }) {
  return host === hostname() ? `process ${pid}` : `process ${pid} on ${host}`;
}

/** Does what it can: the folder may have been removed under a set-up. @param {() => void} action */
function quietly(action) {
  try {
    action();
  } catch {}
}
