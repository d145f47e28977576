import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { engineInfo } from "@cell-observatory/engine";
import { CheckpointStore } from "../checkpoint/index.ts";
import type { RunConfig } from "../config/index.ts";
import { type Clock, openSession } from "../telemetry/index.ts";
import { readRunConfig } from "../training/index.ts";
import { codeAndMessage } from "./code-and-message.ts";
import { chooseDevice } from "./device.ts";
import type { TrainedRunOptions } from "./trained-run.ts";

interface SessionOptions extends Pick<TrainedRunOptions, "config" | "checkpoint" | "signal"> {
  readonly job: "test" | "predict";
  /** Program and arguments, for run.json. */
  readonly command: readonly string[];
  readonly clock: Clock;
}

/**
 * Does a job with a run that was trained, and writes to the run's `run.json` who did what with which
 * step, and how that ended. Where the run is somebody else's, the file is in `inference.save_dir`.
 */
export async function inSession<T>(
  { job, config, checkpoint, command, signal, clock }: SessionOptions,
  work: () => Promise<T>,
): Promise<T> {
  const { outdir } = config.paths;
  const trained = await readRunConfig(outdir);
  if (trained === null) return await work(); // which says so
  const step = await stepOf(outdir, checkpoint);
  const close = await openSession(
    folderOf(config),
    {
      job,
      experimentName: trained.experiment_name,
      command,
      seed: trained.seed,
      fromStep: step,
      device: chooseDevice(config.trainer.device),
      versions: { torch: engineInfo().torchVersion },
    },
    clock,
  );
  try {
    const result = await work();
    close({ outcome: "completed", toStep: step });
    return result;
  } catch (error) {
    const outcome = signal.aborted ? "stopped" : "failed";
    try {
      close({ outcome, toStep: step, error: codeAndMessage(error) });
    } catch {} // what went wrong first is what is told
    throw error;
  }
}

async function stepOf(outdir: string, which: TrainedRunOptions["checkpoint"]): Promise<number> {
  if (typeof which === "number") return which;
  const folder = join(outdir, "checkpoints");
  const store = new CheckpointStore({ folder, keep: { keep_last: 2, keep_every: null } });
  const step = await store.pointed(which ?? "best");
  return step ?? (which === null ? await store.pointed("latest") : null) ?? 0;
}

function folderOf({ paths, inference }: RunConfig): string {
  try {
    accessSync(paths.outdir, constants.W_OK);
    return paths.outdir;
  } catch {
    return inference.save_dir;
  }
}
