import { philoxInto } from "../../rng/index.ts";

/**
 * Counter-based random numbers for voxels: what a voxel gets depends on its place alone, never on
 * the order, the tile or the thread in which it was made. The camera takes one block for every eight
 * voxels, so nothing is allocated for one.
 */
export class PhiloxNoise {
  /** The four numbers of the block drawn last, uniform over 0 .. 2^32 - 1. */
  readonly block: Uint32Array<ArrayBuffer> = new Uint32Array(4);
  readonly #key: readonly [number, number];
  readonly #counter: [number, number, number, number] = [0, 0, 0, 0];

  /** `stream` keeps the users of one seed apart: the camera's draws, the cells' draws. */
  constructor(seed: number, stream: number) {
    // A seed may have 53 bits; the stream is spread by an odd constant, so that both fit one word.
    const high = (Math.floor(seed / 2 ** 32) ^ Math.imul(stream, 0x9e3779b1)) >>> 0;
    this.#key = [seed >>> 0, high];
  }

  /** Draws the block of counter (a, b, c, d) into {@link block}. */
  draw(a: number, b: number, c: number, d: number): void {
    const counter = this.#counter;
    counter[0] = a;
    counter[1] = b;
    counter[2] = c;
    counter[3] = d;
    philoxInto(this.block, counter, this.#key);
  }
}
