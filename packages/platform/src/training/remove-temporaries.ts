import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { ownerOfTemporary, processStart } from "../telemetry/index.ts";

/**
 * Removes the temporary files and folders that killed processes left in some folders, of names that begin with
 * `prefix`. It is for the start of a process: nothing of its own is being written yet.
 */
export async function removeTemporaries(folders: Iterable<string>, prefix = ""): Promise<void> {
  for (const folder of new Set(folders)) {
    for (const name of await readdir(folder).catch(() => [])) {
      const owner = name.startsWith(prefix) ? ownerOfTemporary(name) : null;
      if (owner === null) continue;
      // In a container each process may have the same pid: what has ours is of the one before.
      const isGone = owner === process.pid || (await processStart(owner)) === null;
      if (isGone) await rm(join(folder, name), { recursive: true, force: true }).catch(() => {}); // it is in nobody's way
    }
  }
}
