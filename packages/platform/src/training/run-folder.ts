import { existsSync } from "node:fs";
import { readdir, readFile, rename, rm, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { printData, RunConfig } from "../config/index.ts";
import { CellError } from "../errors/index.ts";
import { hideSecrets, Redactor } from "../secrets/index.ts";
import { makeFolders, replaceFile, syncFolder, temporaryName } from "../telemetry/index.ts";
import { areOfData, type ConfigDifference, configDifferences } from "./config-difference.ts";
import { removeTemporaries } from "./remove-temporaries.ts";
import { RunLock } from "./run-lock.ts";

/** The folder holds a run of another config. */
export class RunConfigError extends CellError {
  readonly code = "RUN_CONFIG";
  readonly hint: string;
  readonly differences: readonly ConfigDifference[];

  constructor(folder: string, differences: readonly ConfigDifference[]) {
    const lines = differences.map(
      ({ key, saved, now }) =>
        `  ${key}: ${JSON.stringify(saved)} there, ${JSON.stringify(now)} now`,
    );
    super(`${folder} holds a run with another config:\n${lines.join("\n")}`);
    this.differences = differences;
    const anew =
      "give this run another experiment_name=..., or start over with --fresh (the old run is kept under another name).";
    this.hint = areOfData(differences)
      ? `Go on with the data as they are now by --accept-new-data, ${anew}`
      : `${anew.charAt(0).toUpperCase()}${anew.slice(1)}`;
  }
}

/** `config.json` in a run's folder is not a config of this program. */
export class RunConfigFileError extends CellError {
  readonly code = "RUN_CONFIG_FILE";
  readonly hint = "Repair the file, or start over with --fresh (the old run is kept).";

  constructor(path: string, reason: string, cause: unknown) {
    super(`${path} is not the config of a run: ${reason}`, { cause });
  }
}

export interface RunFolderOptions {
  readonly config: RunConfig;
  /** The overrides that the config was composed with, as typed. */
  readonly overrides: readonly string[];
  /** Starts over: a run that is there is moved to another name, and kept. */
  readonly isFresh: boolean;
  /** Whether a run that is there may go on with other data, and so with another quarantine. */
  readonly acceptsNewData?: boolean | undefined;
}

/** A run's folder, which this process alone may write to until `lock` is released. */
export interface RunFolder {
  readonly path: string;
  readonly lock: RunLock;
  /** Where the run that was there is now; null unless `isFresh` moved one. */
  readonly movedTo: string | null;
  /** Makes the config that of the run: for when it is sure that the run goes on. */
  begin(): Promise<void>;
}

/**
 * Takes the folder of a run, `paths.outdir`: a new one, or that of the same run of before.
 *
 *     run.json  config.json  config.yaml  overrides.txt  logs/  checkpoints/  inference/  lock/
 *
 * @throws {@link RunConfigError} when it holds a run of another config: nothing is overwritten.
 * @throws RunLockedError when another process writes to it.
 */
export async function openRunFolder(options: RunFolderOptions): Promise<RunFolder> {
  const { config, isFresh, acceptsNewData = false } = options;
  const path = config.paths.outdir;
  const movedTo = isFresh && existsSync(path) ? await moveAway(path) : null;
  makeFolders(path);
  const lock = await RunLock.take(path);
  try {
    const saved = await readRunConfig(path);
    const differences = saved === null ? [] : configDifferences(saved, config, { acceptsNewData });
    // Before its first save there is nothing to continue, and nothing to protect.
    if (differences.length > 0 && (await hasCheckpoint(path))) {
      throw new RunConfigError(path, differences);
    }
    const { logdir, event_writers } = config.loggers;
    const tables = event_writers.flatMap((writer) =>
      writer.kind === "csv" && writer.save_dir ? [writer.save_dir] : [],
    );
    const inRun = [path, join(path, "lock"), config.inference.save_dir, logdir];
    await removeTemporaries([...inRun, ...tables]);
    await removeTemporaries([dirname(path)], latestLink);
  } catch (error) {
    await lock.release();
    throw error;
  }
  return { path, lock, movedTo, begin: async () => await writeConfig(path, options) };
}

async function writeConfig(path: string, { config, overrides }: RunFolderOptions): Promise<void> {
  const hidden = hideSecrets({ config, overrides });
  replaceFile(join(path, "config.json"), `${JSON.stringify(hidden.config, null, 2)}\n`);
  replaceFile(join(path, "config.yaml"), printData(config));
  replaceFile(join(path, "overrides.txt"), hidden.overrides.map((line) => `${line}\n`).join(""));
  await pointLatest(path);
}

/**
 * The config that a run was trained with; null when the folder holds none.
 *
 * @throws {@link RunConfigFileError} when the file is not a config.
 */
export async function readRunConfig(folder: string): Promise<RunConfig | null> {
  const path = join(folder, "config.json");
  if (!existsSync(path)) return null;
  try {
    const saved = JSON.parse(await readFile(path, "utf8"));
    return RunConfig.parse(new Redactor(process.env).show(saved)); // ${oc.env:NAME} for a secret
  } catch (cause) {
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
    throw new RunConfigFileError(path, reason, cause);
  }
}

async function hasCheckpoint(path: string): Promise<boolean> {
  const names = await readdir(join(path, "checkpoints")).catch(() => []);
  return names.some((name) => name.startsWith("step-"));
}

/** Renames `runs/NAME` to the first free of `runs/NAME-1`, `runs/NAME-2`, ... */
async function moveAway(path: string): Promise<string> {
  const lock = await RunLock.take(path); // nobody may be writing to it
  await lock.release();
  let number = 1;
  while (existsSync(`${path}-${number}`)) number += 1;
  const target = `${path}-${number}`;
  await rename(path, target);
  syncFolder(dirname(path));
  return target;
}

const latestLink = ".latest";

/** `runs/latest` names the run that was started last. */
async function pointLatest(path: string): Promise<void> {
  const temporary = temporaryName(join(dirname(path), `${latestLink}-${crypto.randomUUID()}`));
  await symlink(basename(path), temporary);
  try {
    await rename(temporary, join(dirname(path), "latest"));
  } catch {
    await rm(temporary, { force: true }); // a folder of that name is somebody's: leave it alone
  }
}
