import { randomUUID } from "node:crypto";
import { readlink, rename, rm, symlink } from "node:fs/promises";
import { hostname } from "node:os";
import { resolve } from "node:path";
import { DataError } from "../errors.ts";
import { writing } from "./writing.ts";

/** What this process owns: its own number in a file says nothing, it may be an earlier process's. */
const ownedHere = new Set<string>();

/**
 * One process works on something, and says so by a link `file` to "HOST PID", which leads nowhere:
 * a link is there with what it says, or is not there. What a killed process of this machine left is
 * taken over; another machine's cannot be told from one at work.
 */
export class Owner implements AsyncDisposable {
  readonly #file: string;

  private constructor(file: string) {
    this.#file = file;
  }

  /**
   * @param what - as in "x.zarr is being imported", for the error.
   * @throws {@link DataError} DATA_EXISTS when another process, or another call, is at it; DATA_WRITE.
   */
  static async take(file: string, what: string): Promise<Owner> {
    const path = resolve(file);
    if (ownedHere.has(path)) throw taken(path, what, "this process");
    ownedHere.add(path);
    try {
      await writing(path, () => linkTo(path, what));
      return new Owner(path);
    } catch (error) {
      ownedHere.delete(path);
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if ((await linkAt(this.#file)) === me()) await rm(this.#file, { force: true });
    ownedHere.delete(this.#file);
  }
}

const me = () => `${hostname()} ${process.pid}`;

async function linkTo(file: string, what: string): Promise<void> {
  for (;;) {
    try {
      return await symlink(me(), file);
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw error;
    }
    const before = await linkAt(file);
    if (before === null) continue; // it was just removed
    const [host = "", pid = ""] = before.split(" ");
    if (host !== hostname() || isAlive(Number(pid))) {
      throw taken(file, what, `process ${pid} on ${host}`);
    }
    await removeIf(file, before);
  }
}

/** Removes the link of a process that is gone, but not one that another has put there since. */
async function removeIf(file: string, text: string): Promise<void> {
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return; // another was faster
    throw error;
  }
  const moved = await linkAt(aside);
  await rm(aside);
  if (moved !== null && moved !== text) await symlink(moved, file);
}

async function linkAt(file: string): Promise<string | null> {
  try {
    return await readlink(file);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  }
}

function taken(file: string, what: string, who: string): DataError {
  return new DataError("DATA_EXISTS", `${what} by ${who}`, {
    hint: `Wait for it; if it is no more, remove ${file} and try again.`,
  });
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error && "code" in error ? error.code : null;

/** Whether a process of this machine is there, other than this one. */
export function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}
