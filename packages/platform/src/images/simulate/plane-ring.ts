import { type Kernel, radiusOf } from "./psf.ts";

/** The last few planes, and their weighted sum along z. */
export class PlaneRing {
  readonly #kernel: Kernel;
  readonly #planes: readonly Float32Array[];

  /** The newest plane is `ahead` planes before the one that is summed. */
  constructor(kernel: Kernel, ahead: number, size: number) {
    this.#kernel = kernel;
    const length = ahead + radiusOf(kernel) + 1;
    this.#planes = Array.from({ length }, () => new Float32Array(size));
  }

  at(plane: number): Float32Array {
    const { length } = this.#planes;
    return this.#planes[((plane % length) + length) % length] ?? new Float32Array();
  }

  /** Taps are added in one order, three at a time, which spares most of the traffic to memory. */
  sum(plane: number, to: Float32Array): void {
    const radius = radiusOf(this.#kernel);
    to.fill(0);
    for (let k = -radius; k <= radius; k += 3) {
      const [a, b, c] = [this.at(plane + k), this.at(plane + k + 1), this.at(plane + k + 2)];
      const weight = (tap: number) => (tap <= radius ? (this.#kernel[tap + radius] ?? 0) : 0);
      const [wa, wb, wc] = [weight(k), weight(k + 1), weight(k + 2)];
      for (let i = 0; i < to.length; i++) {
        to[i] = (to[i] ?? 0) + (wa * (a[i] ?? 0) + wb * (b[i] ?? 0) + wc * (c[i] ?? 0));
      }
    }
  }
}
