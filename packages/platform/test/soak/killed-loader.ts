import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

/**
 * Starts a loader of 64 MiB of slots in a process of its own, and kills it after so many
 * milliseconds of reading.
 *
 * @returns what it shared under a name as it read, and what of that is there when it is gone: memory
 *   without a name goes with its process.
 */
export async function killedLoader(afterMs: number): Promise<readonly string[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "reading-loader.ts")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  await Promise.race([once(child.stdout, "data"), ended]); // it reads its first batch
  if (child.exitCode !== null) throw new Error(`the loader ended with ${child.exitCode}`);
  await wait(afterMs);
  const maps = readFileSync(`/proc/${child.pid}/maps`, "utf8").trim().split("\n");
  child.kill("SIGKILL");
  await ended;
  const named = maps
    .map((line) => line.split(/\s+/).slice(5).join(" "))
    .filter((name) => /^(\/dev\/shm|\/SYSV|\/memfd:)/.test(name));
  const segments = readFileSync("/proc/sysvipc/shm", "utf8").trim().split("\n").slice(1);
  return [...named, ...segments.filter((line) => line.trim().split(/\s+/)[4] === `${child.pid}`)];
}
