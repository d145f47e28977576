import type { ExitCode } from "../errors/index.ts";

/** How a process ended. */
export interface ProcessEnd {
  /** null: a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** "CODE: message" of the error that it ended with, if it said one. */
  readonly error: string | null;
  /** What it printed as results. */
  readonly results: readonly unknown[];
}

export interface StartedProcess {
  readonly ended: Promise<ProcessEnd>;
  /** Asks it to finish its step, save and end. */
  stop(): void;
}

/** How a run of the queue ended; "left" is one that was not started. */
export interface RunEnd<R> {
  readonly run: R;
  readonly outcome: "done" | "failed" | "stopped" | "left";
  readonly exitCode: number | null;
  readonly seconds: number;
  readonly reason: string | null;
  readonly results: readonly unknown[];
}

interface QueueOptions<R> {
  start(run: R, number: number): StartedProcess;
  /** Aborted to stop the run in hand, and start no other. */
  readonly signal: AbortSignal;
  readonly isFailFast: boolean;
  /** Milliseconds, from any origin. */
  now(): number;
}

/** "Run me again": what `cello` ends with when it was asked to stop, and has saved. */
const stopped = 75;

/**
 * Runs one after the other. A run that fails does not stop those behind it, unless `isFailFast`; one
 * that was asked to stop does: who asked meant all of them.
 */
export async function runQueue<R>(
  runs: readonly R[],
  { start, signal, isFailFast, now }: QueueOptions<R>,
): Promise<readonly RunEnd<R>[]> {
  const ends: RunEnd<R>[] = [];
  let isOver = false;
  for (const [i, run] of runs.entries()) {
    if (isOver || signal.aborted) {
      ends.push({ run, outcome: "left", exitCode: null, seconds: 0, reason: null, results: [] });
      continue;
    }
    const began = now();
    const child = start(run, i + 1);
    const stop = () => child.stop();
    signal.addEventListener("abort", stop, { once: true });
    const end = await child.ended;
    signal.removeEventListener("abort", stop);
    const outcome = outcomeOf(end, signal);
    const { exitCode, results } = end;
    const seconds = (now() - began) / 1000;
    ends.push({ run, outcome, exitCode, seconds, reason: reasonOf(end), results });
    isOver = outcome === "stopped" || (outcome === "failed" && isFailFast);
  }
  return ends;
}

function outcomeOf({ exitCode }: ProcessEnd, signal: AbortSignal): RunEnd<unknown>["outcome"] {
  if (exitCode === 0) return "done";
  return exitCode === stopped || signal.aborted ? "stopped" : "failed";
}

function reasonOf({ signal, error, exitCode }: ProcessEnd): string | null {
  if (signal !== null) return `killed by ${signal}`;
  return error ?? (exitCode === 0 ? null : `exit code ${exitCode}`);
}

/** What the whole ends with: the first failure's code; 75 when it was stopped; 0 when all are done. */
export function exitCodeOfQueue(ends: readonly RunEnd<unknown>[]): ExitCode {
  if (ends.some(({ outcome }) => outcome === "stopped")) return stopped;
  const failed = ends.find(({ outcome }) => outcome === "failed");
  if (failed) return known.find((code) => code === failed.exitCode) ?? 1;
  return ends.some(({ outcome }) => outcome === "left") ? stopped : 0; // stopped before the first
}

const known = [1, 2, 3, 4, 5, 74] as const satisfies readonly ExitCode[];
