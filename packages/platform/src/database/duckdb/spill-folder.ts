import { createHash, randomUUID } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { processStart, thisPlace } from "../../telemetry/index.ts";

/**
 * A folder that DuckDB makes when memory is short, and removes as it closes. What killed processes
 * left of theirs, which may be many gigabytes, goes first.
 *
 * A process has several at once, in a folder that other containers may share: so a name says more
 * than a run folder's temporary names do (`telemetry/temporary-name.ts`).
 */
export async function spillFolder(parent = tmpdir()): Promise<string> {
  const prefix = await prefixHere();
  for (const name of await readdir(parent).catch(() => [])) {
    if (name.startsWith(prefix) && !(await isInUse(name.slice(prefix.length)))) {
      await rm(join(parent, name), { recursive: true, force: true }).catch(() => {}); // another user's
    }
  }
  const { pid } = process;
  return join(parent, `${prefix}${pid}-${(await processStart(pid)) ?? ""}-${randomUUID()}`);
}

/** Processes are known by their pids only in one place: in two containers they may be the same. */
async function prefixHere(): Promise<string> {
  const place = createHash("sha256").update(JSON.stringify(await thisPlace()));
  return `cello-spill-${place.digest("hex").slice(0, 16)}-`;
}

async function isInUse(owner: string): Promise<boolean> {
  const [pid, start] = owner.split("-");
  return (await processStart(Number(pid))) === start;
}
