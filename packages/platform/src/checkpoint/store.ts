import { existsSync } from "node:fs";
import { readdir, readFile, readlink, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { readSafetensors } from "@cell-observatory/zarr";
import { makeFolders } from "../telemetry/index.ts";
import type { Checkpoint } from "./checkpoint.ts";
import {
  CheckpointSaveError,
  CorruptCheckpointError,
  NoCheckpointError,
} from "./checkpoint-errors.ts";
import { type Disk, localDisk } from "./disk.ts";
import { exactJson } from "./exact-json.ts";
import { failpoint } from "./failpoint.ts";
import { type KeepPolicy, stepsToRemove } from "./keep-policy.ts";
import { filesOf, readManifest, verifyFiles } from "./manifest.ts";
import { folderName, stateFile, stepOf } from "./step-folder.ts";
import { writeCheckpoint } from "./write-checkpoint.ts";

export interface SaveOptions {
  /** Whether `best` is to name it. */
  readonly isBest?: boolean;
}

export interface CheckpointEntry {
  readonly step: number;
  readonly path: string;
  readonly bytes: number;
}

/** The newest checkpoint that is whole (null: there is none), and the newer ones that are not. */
export interface NewestWhole {
  readonly checkpoint: Checkpoint | null;
  readonly damaged: readonly CorruptCheckpointError[];
}

export type Pointer = "latest" | "best";

export interface CheckpointStoreConfig {
  readonly folder: string;
  readonly keep: KeepPolicy;
}

/**
 * The checkpoints of one run, in `folder`:
 *
 *     step-000000100/  model.safetensors  optimizer.safetensors  state.json  manifest.json
 *     latest -> step-000000100     best -> step-000000080
 *
 * A checkpoint is written under another name (`step-000000100.tmp-...`), made durable file by file,
 * and then renamed: a folder that has the name is whole. An older one goes only after the newer one
 * is durable. Only the holder of the run's lock may write; anybody may read.
 */
export class CheckpointStore {
  readonly #folder: string;
  readonly #keep: KeepPolicy;
  readonly #disk: Disk;

  constructor({ folder, keep }: CheckpointStoreConfig, disk: Disk = localDisk) {
    this.#folder = folder;
    this.#keep = keep;
    this.#disk = disk;
  }

  /** Makes the folder, and undoes or removes what an interrupted save or removal left in it. */
  async prepare(): Promise<void> {
    makeFolders(this.#folder);
    for (const name of await readdir(this.#folder)) {
      const path = join(this.#folder, name);
      const [, madeWay] = /^(step-\d+)\.replaced-/.exec(name) ?? [];
      if (madeWay !== undefined && !existsSync(join(this.#folder, madeWay))) {
        await this.#disk.rename(path, join(this.#folder, madeWay));
      } else if (unfinished.test(name)) await this.#disk.remove(path);
    }
  }

  /**
   * Writes a checkpoint, points `latest` (and `best`, if it is that) at it, and removes the ones that
   * the policy lets go. A step that is saved already is written again only when its state differs:
   * the tensors of one step are the same each time.
   *
   * @returns the name of the checkpoint's folder.
   * @throws {@link CheckpointSaveError} when the disk fails; its own temporary files are then
   *   removed, and the checkpoints of before are untouched.
   * @throws CheckpointNumberError when the state has a number that JSON lacks.
   */
  async save(checkpoint: Checkpoint, { isBest = false }: SaveOptions = {}): Promise<string> {
    const { step } = checkpoint;
    const state = exactJson(checkpoint.state);
    try {
      if (!(await this.#holds(step, state))) {
        const target = { folder: this.#folder, disk: this.#disk };
        await writeCheckpoint({ ...checkpoint, state, isBest }, target);
      }
      await this.point("latest", step);
      if (isBest) await this.point("best", step);
      await this.prune();
      return folderName(step);
    } catch (cause) {
      throw new CheckpointSaveError(this.#folder, step, cause);
    }
  }

  /** Makes `latest` or `best` name the checkpoint of `step`, in one rename. */
  async point(pointer: Pointer, step: number): Promise<void> {
    const temporary = join(this.#folder, `${pointer}.tmp-${crypto.randomUUID()}`);
    try {
      await this.#disk.link(folderName(step), temporary);
      await failpoint("ckpt.beforePointer");
      await this.#disk.rename(temporary, join(this.#folder, pointer));
    } catch (cause) {
      await this.#disk.remove(temporary).catch(() => {});
      throw cause;
    }
    await failpoint("ckpt.afterPointer");
    await this.#disk.syncFolder(this.#folder);
  }

  /** Points again what a process did not come to that was killed between a save and its pointers. */
  async repairPointers(newest: number): Promise<void> {
    const { is_best } = await readManifest(join(this.#folder, folderName(newest)), newest);
    for (const pointer of is_best ? (["latest", "best"] as const) : (["latest"] as const)) {
      if ((await this.pointed(pointer)) !== newest) await this.point(pointer, newest);
    }
  }

  /** The checkpoints that are there, oldest first: named, with a manifest, and of the right sizes. */
  async entries(): Promise<readonly CheckpointEntry[]> {
    const entries: CheckpointEntry[] = [];
    for (const step of await this.#steps()) {
      const path = join(this.#folder, folderName(step));
      try {
        const files = filesOf(await readManifest(path, step));
        const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
        entries.push({ step, path, bytes });
      } catch (error) {
        if (!(error instanceof CorruptCheckpointError)) throw error;
      }
    }
    return entries;
  }

  /** The step that `latest` or `best` names; null when nothing does. */
  async pointed(pointer: Pointer): Promise<number | null> {
    const target = await unlessMissing(readlink(join(this.#folder, pointer)), null);
    return target === null ? null : stepOf(basename(target));
  }

  /**
   * Reads one checkpoint, every byte verified. One that its run removes or replaces meanwhile is
   * looked for anew: that is no damage.
   *
   * @throws {@link NoCheckpointError} when it is not there.
   * @throws {@link CorruptCheckpointError} when it is not what its manifest says.
   */
  async load(which: Pointer | number): Promise<Checkpoint> {
    for (;;) {
      const step = typeof which === "number" ? which : await this.pointed(which);
      const steps = await this.#steps();
      if (step === null || !steps.includes(step)) {
        throw new NoCheckpointError(this.#folder, String(which), steps.map(folderName));
      }
      const before = await this.#inode(step);
      try {
        return await this.#read(step);
      } catch (error) {
        if ((await this.#inode(step)) === before) throw error;
      }
    }
  }

  /** Reads the newest checkpoint that is whole, and reports the newer ones that are not. */
  async loadNewestWhole(): Promise<NewestWhole> {
    const damaged: CorruptCheckpointError[] = [];
    for (const step of (await this.#steps()).toReversed()) {
      try {
        return { checkpoint: await this.#read(step), damaged };
      } catch (error) {
        if (!(error instanceof CorruptCheckpointError)) throw error;
        damaged.push(error);
      }
    }
    return { checkpoint: null, damaged };
  }

  /** Takes a damaged checkpoint out of the list; its files are kept under another name. */
  async setAside(path: string): Promise<string> {
    const aside = `${path}.damaged-${crypto.randomUUID().slice(0, 8)}`;
    await this.#disk.rename(path, aside);
    await this.#disk.syncFolder(this.#folder);
    return aside;
  }

  /** Removes the checkpoints that the policy lets go. */
  async prune(): Promise<void> {
    const whole = (await this.entries()).map(({ step }) => step);
    for (const step of stepsToRemove(whole, await this.pointed("best"), this.#keep)) {
      await this.#remove(step);
    }
  }

  /** Whether the step is saved, with this state. A damaged save does not count. */
  async #holds(step: number, state: string): Promise<boolean> {
    const entry = (await this.entries()).find((other) => other.step === step);
    return entry !== undefined && (await readFile(join(entry.path, stateFile), "utf8")) === state;
  }

  async #read(step: number): Promise<Checkpoint> {
    const folder = join(this.#folder, folderName(step));
    const manifest = await readManifest(folder, step);
    await verifyFiles(folder, manifest);
    const [model, optimizer, state] = await Promise.all([
      readSafetensors(join(folder, manifest.model.name)),
      readSafetensors(join(folder, manifest.optimizer.name)),
      readFile(join(folder, manifest.state.name), "utf8"),
    ]);
    return {
      step,
      model: model.tensors,
      optimizer: optimizer.tensors,
      state: JSON.parse(state) as unknown,
    };
  }

  /** Tells the folder of a step from one that took its name; null: there is none. */
  async #inode(step: number): Promise<bigint | null> {
    const found = stat(join(this.#folder, folderName(step)), { bigint: true });
    return await unlessMissing(
      found.then(({ ino }) => ino),
      null,
    );
  }

  /** Unlists the folder by a rename before its files go, so that what is listed stays whole. */
  async #remove(step: number): Promise<void> {
    const path = join(this.#folder, folderName(step));
    const going = `${path}.removing-${crypto.randomUUID()}`;
    await failpoint("ckpt.beforeRemove");
    await this.#disk.rename(path, going);
    await failpoint("ckpt.duringRemove");
    await this.#disk.remove(going);
    await failpoint("ckpt.afterRemove");
  }

  async #steps(): Promise<readonly number[]> {
    const names = await unlessMissing(readdir(this.#folder), []);
    return names
      .map(stepOf)
      .filter((step) => step !== null)
      .sort((a, b) => a - b);
  }
}

const unfinished = /\.(tmp|removing|replaced)-/;

/** What is there, or `instead`; a disk that does not answer is an error, not an empty folder. */
async function unlessMissing<T, U>(there: Promise<T>, instead: U): Promise<T | U> {
  try {
    return await there;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code === "ENOENT" || code === "EINVAL") return instead; // EINVAL: a file, but no link
    throw error;
  }
}
