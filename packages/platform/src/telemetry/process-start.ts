import { readFile } from "node:fs/promises";

/**
 * When a process began, in clock ticks since the machine did; null when it is gone or a zombie.
 * Where there is no /proc, a process that takes signal 0 counts as having begun at "".
 */
export async function processStart(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    const [state, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" ? null : (rest[18] ?? null); // field 22 of proc(5); the name may hold spaces
  } catch {
    return process.platform !== "linux" && isAlive(pid) ? "" : null;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
