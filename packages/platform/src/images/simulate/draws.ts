import { RandomStream } from "../../rng/index.ts";

/** Random numbers in a row, for what is computed once and in order: where cells start and go. */
export class Draws {
  readonly #stream: RandomStream;

  constructor(seed: number, purpose: string) {
    this.#stream = new RandomStream({ seed, purpose, epoch: 0, index: 0 });
  }

  /** Uniform in [low, high). */
  uniform(low = 0, high = 1): number {
    return this.#stream.uniform(low, high);
  }

  /** Normal of mean 0 and deviation 1, by Box and Muller. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** A direction, uniform over the sphere: (z, y, x) of length 1. */
  direction(): [z: number, y: number, x: number] {
    const z = this.uniform(-1, 1);
    const angle = this.uniform(0, 2 * Math.PI);
    const radius = Math.sqrt(1 - z * z);
    return [z, radius * Math.sin(angle), radius * Math.cos(angle)];
  }
}
