import type { Sample } from "../sample.ts";
import type { SampleSource } from "../source/hypercube-source.ts";
import type { Expected } from "./loader-actor.ts";

/** Samples whose order the source is told ahead of their reads. */
const samplesAhead = 1024;

export interface AnnouncerConfig {
  readonly source: Pick<SampleSource, "expect">;
  readonly numBatches: number;
  readonly samplesOf: (number: number) => readonly Sample[];
  /** The first batch that will be read. */
  readonly from: number;
  readonly signal: AbortSignal;
}

/**
 * Tells a source which samples are to come: a window of an epoch, in its order, that moves on with
 * the batches that are read. A batch's own samples are announced before they are read; those behind
 * them in the background.
 */
export class Announcer {
  readonly #config: AnnouncerConfig;
  readonly #expected = new Map<number, Expected>();
  #next: number;
  #announcing: Promise<void> = Promise.resolve();

  constructor(config: AnnouncerConfig) {
    this.#config = config;
    this.#next = config.from;
  }

  /** What the source gave for the samples of a batch; asked for once, in the order of batches. */
  async expected(number: number): Promise<Expected> {
    this.#announceTo(number + 1);
    const own = this.#announcing;
    const rows = Math.max(1, this.#config.samplesOf(number).length);
    this.#announceTo(number + 1 + Math.ceil(samplesAhead / rows));
    await own;
    const expected = this.#expected.get(number) ?? [];
    this.#expected.delete(number);
    return expected;
  }

  #announceTo(end: number): void {
    const { source, numBatches, samplesOf, signal } = this.#config;
    const numbers: number[] = [];
    while (this.#next < Math.min(end, numBatches)) numbers.push(this.#next++);
    if (numbers.length === 0) return;
    this.#announcing = this.#announcing.then(async () => {
      const batches = numbers.map(samplesOf);
      const places = await source.expect(batches.flat(), { signal });
      let at = 0;
      batches.forEach((samples, i) => {
        this.#expected.set(numbers[i] ?? 0, places.slice(at, at + samples.length));
        at += samples.length;
      });
    });
    this.#announcing.catch(() => {}); // whoever waits for it hears of it
  }
}
