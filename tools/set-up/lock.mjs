// One set-up at a time: a second waits for the first, and takes over from one that died.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { home } from "./places.mjs";

const file = join(home, "set-up.lock");

/**
 * @template T
 * @param {() => Promise<T>} body @param {{ say: (line: string) => void, signal: AbortSignal }} options
 * @returns {Promise<T>}
 */
export async function withLock(body, { say, signal }) {
  mkdirSync(home, { recursive: true });
  for (let told = false; !taken(); told = true) {
    if (!told)
      say(`Another set-up of this folder is at work (process ${holder()}); waiting for it.`);
    await sleep(500, undefined, { signal });
  }
  const release = () => rmSync(file, { force: true });
  process.once("exit", release);
  try {
    return await body();
  } finally {
    process.removeListener("exit", release);
    release();
  }
}

function taken() {
  if (existsSync(file) && !isAlive(holder())) rmSync(file, { force: true });
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
    return true;
  } catch {
    return false;
  }
}

function holder() {
  try {
    return Number(readFileSync(file, "utf8"));
  } catch {
    return 0; // gone in the meantime
  }
}

/** @param {number} pid */
function isAlive(pid) {
  if (pid === 0) return true; // not written yet: look again
  return existsSync(`/proc/${pid}`);
}
