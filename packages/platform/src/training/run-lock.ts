import { link, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { CellError } from "../errors/index.ts";

/** Who writes to a run. A process is named by its pid and its start, since pids come round again. */
const Holder = z
  .strictObject({
    pid: z.int().positive(),
    startTicks: z.string(),
    host: z.string(),
    isReleased: z.boolean(),
  })
  .readonly();
type Holder = z.infer<typeof Holder>;

/** Another process writes to this run. */
export class RunLockedError extends CellError {
  readonly code = "RUN_LOCKED";
  readonly hint: string;

  constructor(folder: string, lock: string, { pid, host }: Holder) {
    super(`run ${folder} is being written by process ${pid} on ${host}`);
    const isHere = host === hostname();
    this.hint = isHere
      ? "Wait for it, stop it (kill -TERM saves and ends), or give this run another experiment_name."
      : `If that process is gone (it cannot be seen from ${hostname()}), remove ${lock}.`;
  }
}

/**
 * The right to write to one run, held by one process at a time.
 *
 * The lock is the file `lock/N` with the highest N. Taking it over means making `lock/N+1`, which
 * only one process can (a hard link either is made or is not, on network disks too); N only grows,
 * so a slow process cannot take what was released and taken again in the meantime. A lock whose
 * process has ended is stale, and is taken over without a word.
 */
export class RunLock {
  readonly #folder: string;
  readonly #number: number;
  readonly #holder: Holder;

  private constructor(folder: string, number: number, holder: Holder) {
    this.#folder = folder;
    this.#number = number;
    this.#holder = holder;
  }

  /** @throws {@link RunLockedError} when a living process, or one of another machine, holds it. */
  static async take(runFolder: string): Promise<RunLock> {
    const folder = join(runFolder, "lock");
    await mkdir(folder, { recursive: true });
    const own = await thisProcess();
    for (;;) {
      const highest = Math.max(0, ...(await numbers(folder)));
      const holder = highest === 0 ? null : await readHolder(join(folder, String(highest)));
      if (holder !== null && (await isHeld(holder))) {
        throw new RunLockedError(runFolder, join(folder, String(highest)), holder);
      }
      const number = highest + 1;
      if (!(await create(folder, number, own))) continue; // another process was first: look again
      const now = await numbers(folder);
      if (Math.max(...now) !== number) {
        await rm(join(folder, String(number)), { force: true });
        continue;
      }
      await Promise.all(
        now.filter((n) => n < number).map((n) => rm(join(folder, String(n)), { force: true })),
      );
      return new RunLock(folder, number, own);
    }
  }

  /** Lets the next process in. The file stays, marked, so that numbers go on from it. */
  async release(): Promise<void> {
    const temporary = join(this.#folder, `release-${crypto.randomUUID()}`);
    await writeFile(temporary, JSON.stringify({ ...this.#holder, isReleased: true }));
    await rename(temporary, join(this.#folder, String(this.#number)));
  }
}

async function numbers(folder: string): Promise<readonly number[]> {
  return (await readdir(folder)).filter((name) => /^\d+$/.test(name)).map(Number);
}

/** Null when it vanished in the meantime, or holds nothing that can be read. */
async function readHolder(path: string): Promise<Holder | null> {
  try {
    return Holder.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return null;
  }
}

/** Makes `folder/number` with its content in one go; false when it is there already. */
async function create(folder: string, number: number, holder: Holder): Promise<boolean> {
  const temporary = join(folder, `take-${crypto.randomUUID()}`);
  await writeFile(temporary, JSON.stringify(holder));
  try {
    await link(temporary, join(folder, String(number)));
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

async function thisProcess(): Promise<Holder> {
  const startTicks = (await startOf(process.pid)) ?? "";
  return { pid: process.pid, startTicks, host: hostname(), isReleased: false };
}

async function isHeld({ pid, startTicks, host, isReleased }: Holder): Promise<boolean> {
  if (isReleased) return false;
  if (host !== hostname()) return true; // not visible from here: believe it
  return (await startOf(pid)) === startTicks;
}

/**
 * When a process began, in clock ticks since the machine did; null when it is gone or a zombie.
 * Where there is no /proc, a process that takes signal 0 counts as having begun at "".
 */
async function startOf(pid: number): Promise<string | null> {
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
