import type { Clock } from "./clock.ts";

/** How fast a run is, over its newest steps. */
export interface PaceReading {
  readonly samplesPerSecond: number;
  /** Part of the time in which the step waited for data, 0 to 1. */
  readonly dataWaitFraction: number;
  /** Seconds until `numSteps`, at this pace. */
  readonly etaS: number;
}

interface Mark {
  readonly atMs: number;
  readonly step: number;
  readonly samples: number;
  readonly dataWaitS: number;
}

const numMarks = 50;

/** Measures the time between steps by the clock, so that all between them counts: data, saves. */
export class Pace {
  readonly #clock: Clock;
  #marks: readonly Mark[] = [];

  /** @param step - steps that were done before this process. */
  constructor(clock: Clock, step: number) {
    this.#clock = clock;
    this.#marks = [{ atMs: clock.now(), step, samples: 0, dataWaitS: 0 }];
  }

  mark(step: number, { samples, dataWaitS }: Pick<Mark, "samples" | "dataWaitS">): void {
    const last = this.#marks.at(-1);
    const next = {
      atMs: this.#clock.now(),
      step,
      samples: (last?.samples ?? 0) + samples,
      dataWaitS: (last?.dataWaitS ?? 0) + dataWaitS,
    };
    this.#marks = [...this.#marks, next].slice(-numMarks);
  }

  read(numSteps: number): PaceReading {
    const [first, last] = [this.#marks[0], this.#marks.at(-1)];
    if (!first || !last || first === last || last.step === first.step) {
      return { samplesPerSecond: 0, dataWaitFraction: 0, etaS: Number.POSITIVE_INFINITY };
    }
    const seconds = Math.max((last.atMs - first.atMs) / 1000, 1e-9);
    return {
      samplesPerSecond: (last.samples - first.samples) / seconds,
      dataWaitFraction: Math.min(1, (last.dataWaitS - first.dataWaitS) / seconds),
      etaS: (Math.max(0, numSteps - last.step) * seconds) / (last.step - first.step),
    };
  }
}
