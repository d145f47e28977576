import { mkdir, readdir, readFile, readlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { readSafetensors } from "@cell-observatory/zarr";
import {
  CheckpointSaveError,
  CorruptCheckpointError,
  NoCheckpointError,
} from "./checkpoint-errors.ts";
import { type Disk, localDisk, type TensorTable } from "./disk.ts";
import { failpoint } from "./failpoint.ts";
import { type KeepPolicy, stepsToRemove } from "./keep-policy.ts";
import { filesOf, type Manifest, manifestFile, readManifest, verifyFiles } from "./manifest.ts";

/** Everything that a run needs to go on from `step`. `state` is plain JSON. */
export interface Checkpoint {
  readonly step: number;
  readonly model: TensorTable;
  readonly optimizer: TensorTable;
  readonly state: unknown;
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

  /** Makes the folder, and removes what an interrupted save or removal left in it. */
  async prepare(): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    for (const name of await readdir(this.#folder)) {
      if (unfinished.test(name)) await this.#disk.remove(join(this.#folder, name));
    }
  }

  /**
   * Writes a checkpoint, points `latest` at it, and removes the ones that the policy lets go.
   * A step that is saved already is left as it is.
   *
   * @returns the name of the checkpoint's folder.
   * @throws {@link CheckpointSaveError} when the disk fails; its own temporary files are then
   *   removed, and the checkpoints of before are untouched.
   */
  async save(checkpoint: Checkpoint): Promise<string> {
    const { step } = checkpoint;
    try {
      const isThere = (await this.entries()).some((entry) => entry.step === step);
      if (!isThere) await this.#write(checkpoint);
      await this.point("latest", step);
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
    const target = await readlink(join(this.#folder, pointer)).catch(() => null);
    return target === null ? null : stepOf(basename(target));
  }

  /**
   * Reads one checkpoint, every byte verified.
   *
   * @throws {@link NoCheckpointError} when it is not there.
   * @throws {@link CorruptCheckpointError} when it is not what its manifest says.
   */
  async load(which: Pointer | number): Promise<Checkpoint> {
    const step = typeof which === "number" ? which : await this.pointed(which);
    const steps = await this.#steps();
    if (step === null || !steps.includes(step)) {
      throw new NoCheckpointError(this.#folder, String(which), steps.map(folderName));
    }
    return await this.#read(step);
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

  async #write({ step, model, optimizer, state }: Checkpoint): Promise<void> {
    const temporary = join(this.#folder, `${folderName(step)}.tmp-${crypto.randomUUID()}`);
    const disk = this.#disk;
    try {
      await disk.makeFolder(temporary);
      await failpoint("ckpt.afterFolder");
      const modelDigest = await disk.writeTensors(join(temporary, modelFile), model);
      await failpoint("ckpt.afterModel");
      const optimizerDigest = await disk.writeTensors(join(temporary, optimizerFile), optimizer);
      await failpoint("ckpt.afterOptimizer");
      const stateDigest = await disk.writeText(join(temporary, stateFile), exactJson(state));
      await failpoint("ckpt.afterState");
      const manifest: Manifest = {
        format: "cello-checkpoint",
        version: 1,
        step,
        model: { name: modelFile, ...modelDigest },
        optimizer: { name: optimizerFile, ...optimizerDigest },
        state: { name: stateFile, ...stateDigest },
      };
      await disk.writeText(join(temporary, manifestFile), exactJson(manifest));
      await failpoint("ckpt.afterManifest");
      await disk.syncFolder(temporary);
      await failpoint("ckpt.beforeRename");
      await disk.rename(temporary, join(this.#folder, folderName(step)));
    } catch (cause) {
      await disk.remove(temporary).catch(() => {}); // the first cause is the one to report
      throw cause;
    }
    await failpoint("ckpt.afterRename");
    await disk.syncFolder(this.#folder);
    await failpoint("ckpt.afterSync");
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
    const names = await readdir(this.#folder).catch(() => []);
    return names
      .map(stepOf)
      .filter((step) => step !== null)
      .sort((a, b) => a - b);
  }
}

const modelFile = "model.safetensors";
const optimizerFile = "optimizer.safetensors";
const stateFile = "state.json";
const unfinished = /\.(tmp|removing)-/;

/** `step-000000100`: the names sort as the steps do. */
function folderName(step: number): string {
  return `step-${String(step).padStart(9, "0")}`;
}

function stepOf(name: string): number | null {
  const [, digits] = /^step-(\d{9,})$/.exec(name) ?? [];
  return digits === undefined ? null : Number(digits);
}

/** JSON that reads back as it was: JSON.stringify alone would turn NaN and Infinity into null. */
function exactJson(value: unknown): string {
  const check = (key: string, part: unknown) => {
    if (typeof part === "number" && !Number.isFinite(part)) {
      throw new TypeError(
        `expected a finite number at "${key}" of a checkpoint's state, got ${part}`,
      );
    }
    return part;
  };
  return `${JSON.stringify(value, check, 2)}\n`;
}
