import { createLogUpdate } from "log-update";
import type { Clock } from "./clock.ts";
import { Pace, type PaceStep } from "./pace.ts";
import { type ProgressStatus, progressLine } from "./progress-line.ts";

/** What a step tells the live line; the pace is measured. */
export interface ProgressStep
  extends Omit<ProgressStatus, "samplesPerSecond" | "dataWaitFraction" | "decodeFraction" | "etaS">,
    Pick<PaceStep, "samples" | "dataWaitS">,
    Partial<Pick<PaceStep, "storageS" | "decodeS">> {}

/** The live line of a run. */
export interface Progress {
  step(step: ProgressStep): void;
  /** A line that stays, above the live one. */
  say(text: string): void;
  /** Leaves the newest state as the last line. */
  close(): void;
}

interface ProgressConfig {
  readonly stream: NodeJS.WriteStream | ProgressStream;
  readonly clock: Clock;
  /** Seconds between lines when the stream is no terminal. */
  readonly intervalS: number;
  /** Steps that were done before this process. */
  readonly fromStep?: number;
}

/** As much of a stream as is needed; a log file has no `isTTY`. */
interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

/**
 * One line that is redrawn, ten times a second at most, on a terminal; elsewhere a plain line each
 * `intervalS` seconds without control codes, so that a scheduler's log can be read.
 */
export function createProgress({
  stream,
  clock,
  intervalS,
  fromStep = 0,
}: ProgressConfig): Progress {
  const pace = new Pace(clock, fromStep);
  const isLive = hasRoom(stream);
  const sink = isLive ? terminalSink(stream) : plainSink(stream);
  const pauseMs = isLive ? 100 : intervalS * 1000;
  let drawnAtMs = Number.NEGATIVE_INFINITY;
  let pending: string | null = null;
  return {
    step({ samples, dataWaitS, storageS = 0, decodeS = 0, ...status }) {
      pace.mark(status.step, { samples, dataWaitS, storageS, decodeS });
      pending = progressLine({ ...status, ...pace.read(status.numSteps) });
      if (clock.now() - drawnAtMs < pauseMs) return;
      sink.draw(pending);
      drawnAtMs = clock.now();
      pending = null;
    },
    say: (text) => sink.say(text),
    close() {
      if (pending !== null) sink.draw(pending);
      pending = null;
      sink.close();
    },
  };
}

/** A terminal that says it has no rows or columns, as in some containers, can show nothing live. */
const hasRoom = ({ isTTY, columns = 80, rows = 24 }: ProgressStream): boolean =>
  isTTY === true && columns > 0 && rows > 0;

interface Sink {
  draw(line: string): void;
  say(text: string): void;
  close(): void;
}

function plainSink(stream: ProgressStream): Sink {
  const line = (text: string) => void stream.write(`${text}\n`);
  return { draw: line, say: line, close: () => {} };
}

function terminalSink(stream: ProgressStream): Sink {
  const live = createLogUpdate(stream as NodeJS.WriteStream, { showCursor: true });
  let drawn = "";
  return {
    draw(line) {
      drawn = line;
      live(line);
    },
    say(text) {
      live.clear();
      stream.write(`${text}\n`);
      if (drawn !== "") live(drawn);
    },
    close: () => live.done(),
  };
}
