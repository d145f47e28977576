import { engineInfo } from "@cell-observatory/engine";
import type { RunConfig } from "../config/index.ts";
import { type Clock, type EventRecorder, openSession } from "../telemetry/index.ts";
import type { TrainOutcome } from "../training/index.ts";
import { codeAndMessage } from "./code-and-message.ts";

export interface TrainSession {
  /** The run's folder. */
  readonly path: string;
  readonly config: Pick<RunConfig, "experiment_name" | "seed">;
  readonly command: readonly string[];
  readonly device: "cpu" | "cuda";
  /** Steps that were done before this process. */
  readonly fromStep: number;
  readonly trainer: {
    readonly step: number;
    readonly epoch: number;
    run(signal: AbortSignal): Promise<TrainOutcome>;
  };
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Trains, and writes to the log and to run.json when it began, and how it ended: also by an error. */
export async function trainInSession(session: TrainSession): Promise<TrainOutcome> {
  const { path, config, command, device, fromStep, trainer, recorder, clock, signal } = session;
  const closeSession = await openSession(
    path,
    {
      experimentName: config.experiment_name,
      command,
      seed: config.seed,
      fromStep,
      device,
      versions: { torch: engineInfo().torchVersion },
    },
    clock,
  );
  const place = () => ({ step: trainer.step, epoch: trainer.epoch });
  const before = { step: fromStep, epoch: trainer.epoch };
  recorder.emit({ kind: "start", ...before, resumed_from: fromStep === 0 ? null : fromStep });
  try {
    const outcome = await trainer.run(signal);
    recorder.emit({ kind: "end", ...place(), outcome: outcome.kind, message: outcome.reason });
    closeSession({ outcome: outcome.kind, toStep: outcome.step });
    return outcome;
  } catch (thrown) {
    const error = codeAndMessage(thrown);
    // The first cause is the one to report: a log or run.json that fails too does not hide it.
    const { message } = error;
    attempt(() => recorder.emit({ kind: "end", ...place(), outcome: "failed", message }));
    attempt(() => closeSession({ outcome: "failed", toStep: trainer.step, error }));
    throw thrown;
  }
}

/** Does what it can: the error that is being reported came first. */
function attempt(action: () => void): void {
  try {
    action();
  } catch {}
}
