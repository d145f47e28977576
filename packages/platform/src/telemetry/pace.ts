import type { Clock } from "./clock.ts";

/** How fast a run is, over its newest steps. */
export interface PaceReading {
  readonly samplesPerSecond: number;
  /** Part of the time in which the step waited for data, 0 to 1. */
  readonly dataWaitFraction: number;
  /** Part of the work of reading that is decoding, and not storage, 0 to 1; null: nothing was read. */
  readonly decodeFraction: number | null;
  /** Seconds until `numSteps`, at this pace. */
  readonly etaS: number;
}

interface Mark {
  readonly atMs: number;
  readonly step: number;
  readonly samples: number;
  readonly dataWaitS: number;
  readonly storageS: number;
  readonly decodeS: number;
}

/** What a step adds to a mark. */
export type PaceStep = Omit<Mark, "atMs" | "step">;

const numMarks = 50;
const nothing: PaceStep = { samples: 0, dataWaitS: 0, storageS: 0, decodeS: 0 };

/** Measures the time between steps by the clock, so that all between them counts: data, saves. */
export class Pace {
  readonly #clock: Clock;
  #marks: readonly Mark[] = [];

  /** @param step - steps that were done before this process. */
  constructor(clock: Clock, step: number) {
    this.#clock = clock;
    this.#marks = [{ atMs: clock.now(), step, ...nothing }];
  }

  mark(step: number, took: PaceStep): void {
    const last = this.#marks.at(-1) ?? nothing;
    const next = {
      atMs: this.#clock.now(),
      step,
      samples: last.samples + took.samples,
      dataWaitS: last.dataWaitS + took.dataWaitS,
      storageS: last.storageS + took.storageS,
      decodeS: last.decodeS + took.decodeS,
    };
    this.#marks = [...this.#marks, next].slice(-numMarks);
  }

  read(numSteps: number): PaceReading {
    const [first, last] = [this.#marks[0], this.#marks.at(-1)];
    if (!first || !last || first === last || last.step === first.step) {
      return {
        samplesPerSecond: 0,
        dataWaitFraction: 0,
        decodeFraction: null,
        etaS: Number.POSITIVE_INFINITY,
      };
    }
    const decodeS = last.decodeS - first.decodeS;
    const readS = decodeS + last.storageS - first.storageS;
    const seconds = Math.max((last.atMs - first.atMs) / 1000, 1e-9);
    return {
      samplesPerSecond: (last.samples - first.samples) / seconds,
      dataWaitFraction: Math.min(1, (last.dataWaitS - first.dataWaitS) / seconds),
      decodeFraction: readS === 0 ? null : decodeS / readS,
      etaS: (Math.max(0, numSteps - last.step) * seconds) / (last.step - first.step),
    };
  }
}
