import { link, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { CellError } from "../errors/index.ts";
import {
  ProcessPlace,
  processStart,
  sightOf,
  temporaryName,
  thisPlace,
} from "../telemetry/index.ts";

/** Who writes to a run. A process is named by its pid and its start, since pids come round again. */
const Holder = z
  .strictObject({
    ...ProcessPlace.unwrap().shape,
    pid: z.int().positive(),
    startTicks: z.string(),
    isReleased: z.boolean(),
  })
  .readonly();
type Holder = z.infer<typeof Holder>;

/** Another process writes to this run. */
export class RunLockedError extends CellError {
  readonly code = "RUN_LOCKED";
  readonly hint: string;

  constructor(lock: LockPaths, { pid, host, ...place }: Holder, here: ProcessPlace) {
    super(`run ${lock.run} is being written by process ${pid} on ${host}`);
    const isVisible = sightOf({ host, ...place }, here) === "visible";
    const where = host === here.host ? "here: another container of this name" : here.host;
    this.hint = isVisible
      ? "Wait for it, stop it (kill -TERM saves and ends), or give this run another experiment_name."
      : `If that process is gone (it cannot be seen from ${where}), remove ${lock.file}.`;
  }
}

interface LockPaths {
  /** Folder of the run. */
  readonly run: string;
  /** The file that says who holds it. */
  readonly file: string;
}

/**
 * The right to write to one run, held by one process at a time.
 *
 * The lock is the file `lock/N` with the highest N. Taking it over means making `lock/N+1`, which
 * only one process can (a hard link either is made or is not, on network disks too); N only grows,
 * so a slow process cannot take what was released and taken again in the meantime. A lock whose
 * process has ended is stale, and is taken over without a word; one whose process cannot be seen
 * from here, on another machine or in another container, is believed.
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
    const here = await thisPlace();
    const startTicks = (await processStart(process.pid)) ?? "";
    const own = { ...here, pid: process.pid, startTicks, isReleased: false };
    for (;;) {
      const highest = Math.max(0, ...(await numbers(folder)));
      const holder = highest === 0 ? null : await readHolder(join(folder, String(highest)));
      if (holder !== null && (await isHeld(holder, here))) {
        const file = join(folder, String(highest));
        throw new RunLockedError({ run: runFolder, file }, holder, here);
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
    const temporary = temporaryName(join(this.#folder, `release-${crypto.randomUUID()}`));
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
  const temporary = temporaryName(join(folder, `take-${crypto.randomUUID()}`));
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

async function isHeld(holder: Holder, here: ProcessPlace): Promise<boolean> {
  if (holder.isReleased) return false;
  const sight = sightOf(holder, here);
  if (sight === "visible") return (await processStart(holder.pid)) === holder.startTicks;
  return sight === "unknown"; // not visible from here: believe it
}
