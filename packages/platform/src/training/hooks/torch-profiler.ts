import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { profile } from "@cell-observatory/engine";
import type { Hook } from "../hook.ts";

/** Which steps are traced, by PyTorch's names; counted from the first step of this process. */
export interface TraceSchedule {
  /** Steps left out at the start. */
  readonly skip_first: number;
  /** Steps left out before each trace. */
  readonly wait: number;
  /** Steps left out after those: PyTorch traces them and throws them away. */
  readonly warmup: number;
  /** Steps of one trace. */
  readonly active: number;
  /** Traces; 0: to the end. */
  readonly repeat: number;
}

export interface TorchProfilerConfig {
  readonly folder: string;
  readonly schedule: TraceSchedule;
  /** Records CUDA kernels too. */
  readonly cuda: boolean;
  readonly shutdown_after_profile: boolean;
}

interface OpenTrace {
  readonly file: string;
  /** Ends the trace, and writes it. */
  close(): Promise<void>;
}

/**
 * Writes which operators ran in chosen steps, and how long they took: `step-000000011.pt.trace.json`
 * is of the steps from the 11th on, for chrome://tracing, ui.perfetto.dev and TensorBoard.
 */
export function torchProfiler(config: TorchProfilerConfig): Hook {
  const { schedule, folder, cuda, shutdown_after_profile } = config;
  let [numSteps, numTraces] = [0, 0];
  let trace: OpenTrace | null = null;
  const close = async (say: (text: string) => void) => {
    const open = trace;
    trace = null;
    if (open === null) return;
    await open.close();
    numTraces += 1;
    say(open.file);
  };
  return {
    name: "torch_profiler",
    priority: "very-high",
    beforeStep({ step }) {
      const number = String(step + 1).padStart(9, "0");
      if (isFirst(numSteps, schedule)) {
        trace = openTrace(join(folder, `step-${number}.pt.trace.json`), cuda);
      }
    },
    async afterStep({ step, epoch, recorder, stop }) {
      const isDone = isLast(numSteps, schedule);
      numSteps += 1;
      if (!isDone) return;
      await close((file) => {
        const message = `the operators of the steps up to ${step} are in ${file}`;
        recorder.emit({ kind: "note", step, epoch, level: "info", code: null, message });
      });
      if (shutdown_after_profile && numTraces === Math.max(1, schedule.repeat)) {
        stop("the steps to be traced are traced (shutdown_after_profile)");
      }
    },
    afterTrain: () => close(() => {}),
  };
}

/** Place of a step within its cycle; null outside of all. */
function place(numSteps: number, { skip_first, wait, warmup, active, repeat }: TraceSchedule) {
  const length = wait + warmup + active;
  const since = numSteps - skip_first;
  if (since < 0 || (repeat > 0 && since >= repeat * length)) return null;
  return since % length;
}

const isFirst = (numSteps: number, schedule: TraceSchedule) =>
  place(numSteps, schedule) === schedule.wait + schedule.warmup;
const isLast = (numSteps: number, schedule: TraceSchedule) =>
  place(numSteps, schedule) === schedule.wait + schedule.warmup + schedule.active - 1;

function openTrace(file: string, cuda: boolean): OpenTrace {
  mkdirSync(join(file, ".."), { recursive: true });
  const end = Promise.withResolvers<void>();
  const done = profile({ path: file, cuda }, () => end.promise);
  return {
    file,
    close: () => {
      end.resolve();
      return done;
    },
  };
}
