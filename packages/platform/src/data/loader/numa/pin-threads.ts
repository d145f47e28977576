import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The name that threads of the Zarr pool have, for the kernel. */
const ofPool = "cello-zarr";

/**
 * Lets the threads that decode chunks run on these processors alone, by util-linux's `taskset`:
 * Node.js has no call for it. Threads that start later are not among them.
 *
 * @returns how many threads there were.
 * @throws Error when there is no `taskset`, or it may not.
 */
export async function pinLoaderThreads(cpus: readonly number[]): Promise<number> {
  const threads = readdirSync("/proc/self/task").filter((id) => nameOf(id) === ofPool);
  for (const id of threads) await run("taskset", ["--cpu-list", "--pid", cpus.join(","), id]);
  return threads.length;
}

function nameOf(thread: string): string {
  try {
    return readFileSync(`/proc/self/task/${thread}/comm`, "utf8").trim();
  } catch {
    return ""; // it has ended meanwhile
  }
}
