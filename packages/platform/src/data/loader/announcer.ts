import type { Sample } from "../sample.ts";
import type { SampleSource } from "../source/hypercube-source.ts";
import type { Expected } from "./loader-actor.ts";

/** Samples whose order the source is told ahead of their reads. */
const samplesAhead = 1024;
/** Samples ahead whose images are looked up at once, or one batch: storage has other work to do. */
const mostAtOnce = 16;

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
 * the batches that are read. A batch waits for its own samples to be announced, and for no others:
 * those behind them are announced in the background, a few at a time.
 *
 * A sample that cannot be announced is for its read to complain of, if it is read at all.
 */
export class Announcer {
  readonly #config: AnnouncerConfig;
  readonly #expected = new Map<number, Promise<Expected>>();
  /** The first batch that nobody has begun to announce. */
  #next: number;
  /** Where the window ends. */
  #end: number;
  #underWay = 0;

  constructor(config: AnnouncerConfig) {
    this.#config = config;
    this.#next = config.from;
    this.#end = config.from;
  }

  /** Waits for what the source gave for the samples of a batch; taken once, in the order of batches. */
  async takeAnnounced(number: number): Promise<Expected> {
    while (this.#next <= number) void this.#announceNext();
    const own = this.#expected.get(number);
    this.#expected.delete(number);
    const rows = Math.max(1, this.#config.samplesOf(number).length);
    const ahead = number + 1 + Math.ceil(samplesAhead / rows);
    this.#end = Math.min(this.#config.numBatches, Math.max(this.#end, ahead));
    const places = (await own) ?? [];
    this.#announceAhead(); // once this batch has had its turn
    return places;
  }

  #announceAhead(): void {
    while (this.#next < this.#end && this.#underWay < mostAtOnce) {
      if (this.#config.signal.aborted) return;
      const announced = this.#announceNext();
      void announced.then(() => this.#announceAhead());
    }
  }

  #announceNext(): Promise<Expected> {
    const number = this.#next++;
    const samples = this.#config.samplesOf(number);
    this.#underWay += samples.length;
    const announced = Promise.all(samples.map((sample) => this.#announce(sample))).finally(() => {
      this.#underWay -= samples.length;
    });
    this.#expected.set(number, announced);
    return announced;
  }

  async #announce(sample: Sample): Promise<number | undefined> {
    try {
      const [place] = await this.#config.source.expect([sample], { signal: this.#config.signal });
      return place;
    } catch {
      return undefined;
    }
  }
}
