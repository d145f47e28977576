import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Checkpoint } from "./checkpoint.ts";
import type { Disk } from "./disk.ts";
import { failpoint } from "./failpoint.ts";
import { type Manifest, manifestFile } from "./manifest.ts";
import { folderName, modelFile, optimizerFile, stateFile } from "./step-folder.ts";

export interface WrittenCheckpoint extends Checkpoint {
  /** As the text of its file. */
  readonly state: string;
  readonly isBest: boolean;
}

interface Target {
  /** Where the run's checkpoints are. */
  readonly folder: string;
  readonly disk: Disk;
}

/**
 * Writes the folder of a checkpoint under another name, makes it durable, and then renames it, so
 * that a folder that has the name is whole.
 */
export async function writeCheckpoint(
  { step, model, optimizer, state, isBest }: WrittenCheckpoint,
  { folder, disk }: Target,
): Promise<void> {
  const temporary = join(folder, `${folderName(step)}.tmp-${crypto.randomUUID()}`);
  try {
    await disk.makeFolder(temporary);
    await failpoint("ckpt.afterFolder");
    const modelDigest = await disk.writeTensors(join(temporary, modelFile), model);
    await failpoint("ckpt.afterModel");
    const optimizerDigest = await disk.writeTensors(join(temporary, optimizerFile), optimizer);
    await failpoint("ckpt.afterOptimizer");
    const stateDigest = await disk.writeText(join(temporary, stateFile), state);
    await failpoint("ckpt.afterState");
    const manifest: Manifest = {
      format: "cello-checkpoint",
      version: 1,
      step,
      is_best: isBest,
      model: { name: modelFile, ...modelDigest },
      optimizer: { name: optimizerFile, ...optimizerDigest },
      state: { name: stateFile, ...stateDigest },
    };
    await disk.writeText(join(temporary, manifestFile), `${JSON.stringify(manifest, null, 2)}\n`);
    await failpoint("ckpt.afterManifest");
    await disk.syncFolder(temporary);
    await failpoint("ckpt.beforeRename");
    await publish(temporary, join(folder, folderName(step)), disk);
  } catch (cause) {
    await disk.remove(temporary).catch(() => {}); // the first cause is the one to report
    throw cause;
  }
}

/**
 * Gives a finished folder its name. One that has the name makes way, and goes last: a process that
 * is killed between the two renames leaves it to `prepare` of the store to give it back.
 */
async function publish(temporary: string, path: string, disk: Disk): Promise<void> {
  const old = existsSync(path) ? `${path}.replaced-${crypto.randomUUID()}` : null;
  if (old !== null) await disk.rename(path, old);
  await failpoint("ckpt.duringRename");
  try {
    await disk.rename(temporary, path);
  } catch (cause) {
    if (old !== null) await disk.rename(old, path).catch(() => {});
    throw cause;
  }
  await failpoint("ckpt.afterRename");
  await disk.syncFolder(dirname(path));
  await failpoint("ckpt.afterSync");
  if (old !== null) await disk.remove(old);
}
