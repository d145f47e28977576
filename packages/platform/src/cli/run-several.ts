import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Job, PlannedRun } from "../config/index.ts";
import type { ExitCode } from "../errors/index.ts";
import type { Flags, FlagValues } from "./flag.ts";
import { ensureNoSecretInNames } from "./secret-name-error.ts";
import { StopRequest } from "./stop-request.ts";
import type { VerbCall } from "./verb.ts";

interface SeveralCall extends Pick<VerbCall<Flags>, "signal" | "output"> {
  readonly verb: string;
  /** The flags of the verb alone: each run is given them too. */
  readonly flags: Flags;
  /** The values of all flags. */
  readonly own: FlagValues<Flags>;
}

type Several = Extract<Job, { readonly kind: "several" }>;

/** Runs each as a process of its own, one after the other, and tells how all of them ended. */
export async function runSeveral(
  { runs, list, isFailFast }: Several,
  { verb, flags, own, signal, output }: SeveralCall,
): Promise<ExitCode> {
  const { exitCodeOfQueue, runQueue, startChild, summaryLines } = await import(
    "../launch/index.ts"
  );
  const { duration, replaceFile } = await import("../telemetry/index.ts");
  for (const { config } of runs) ensureNoSecretInNames(config);
  if (list !== null && list.unusedKeys.length > 0) {
    const keys = list.unusedKeys.join(", ");
    output.note(`${keys}: without effect here, since each run of the list has a cfg of its own`);
  }
  for (const { file } of runs) {
    if (file === null) continue;
    await mkdir(dirname(file.path), { recursive: true });
    replaceFile(file.path, file.text);
  }
  const stopName = () => (signal.reason instanceof StopRequest ? signal.reason.signal : "SIGTERM");
  const ends = await runQueue(runs, {
    signal,
    isFailFast: isFailFast || own["fail-fast"] === true,
    now: () => performance.now(),
    start: (run, number) => {
      output.note(`run ${number} of ${runs.length}: ${run.name}`);
      const args = [verb, ...wordsOf(flags, own), ...run.args];
      return startChild(args, { isQuiet: output.isJson, signal: stopName });
    },
  });
  for (const { run, ...end } of ends) output.json({ name: run.name, outdir: run.outdir, ...end });
  const bests = new Map(
    await Promise.all(runs.map(async (run) => [run, await bestOf(run)] as const)),
  );
  const best = (run: PlannedRun) => bests.get(run) ?? null;
  for (const line of summaryLines(ends, { best, duration })) output.line(line);
  return exitCodeOfQueue(ends);
}

/** The verb's own flags as they were given. */
function wordsOf(flags: Flags, own: FlagValues<Flags>): readonly string[] {
  return Object.keys(flags).flatMap((name) => {
    const value = own[name];
    if (value === undefined || value === false) return [];
    return value === true ? [`--${name}`] : [`--${name}=${value}`];
  });
}

/** The best value of the metric that the run is judged by; null where its log has none. */
async function bestOf({ config }: PlannedRun): Promise<string | null> {
  const { readEvents } = await import("../telemetry/index.ts");
  const { val_metric, val_mode } = config.evaluation;
  let best: number | null = null;
  try {
    for (const event of readEvents(join(config.loggers.logdir, "events.jsonl"))) {
      const value = event.kind === "epoch" ? event.scalars[val_metric] : undefined;
      if (value === undefined || Number.isNaN(value)) continue;
      const isBetter = best === null || (val_mode === "min" ? value < best : value > best);
      if (isBetter) best = value;
    }
  } catch {
    return null; // a run that never began has no log, and a damaged one is that run's to report
  }
  return best === null ? null : `${val_metric} ${best.toPrecision(4)}`;
}
