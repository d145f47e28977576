import type { Origin } from "../data/index.ts";
import type { RebuiltSample } from "./predictor.ts";

/**
 * A block of an image, put together from samples: arrays [T Z Y X C] of `shape`, beginning at
 * `origin` of the image. Where samples overlap, the first one stands that measured the voxel. What
 * none has measured is NaN in all three volumes.
 */
export class RebuiltVolume {
  readonly origin: Origin;
  readonly shape: readonly [t: number, z: number, y: number, x: number, c: number];
  /** Counts, as they are on disk. */
  readonly input: Float32Array;
  /** Counts; 0 where the model was not shown them. */
  readonly masked: Float32Array;
  /** Counts; hidden patches are the model's, visible ones are pasted in. */
  readonly reconstruction: Float32Array;
  readonly isHidden: Uint8Array;
  /** Whether a sample was there: 1, and 2 where it measured the voxel. */
  readonly #covered: Uint8Array;

  constructor({ origin, shape }: Pick<RebuiltVolume, "origin" | "shape">) {
    const size = shape.reduce((product, edge) => product * edge, 1);
    this.origin = origin;
    this.shape = shape;
    this.input = new Float32Array(size);
    this.masked = new Float32Array(size);
    this.reconstruction = new Float32Array(size);
    this.isHidden = new Uint8Array(size);
    this.#covered = new Uint8Array(size);
  }

  /** True once every voxel is there. */
  get isComplete(): boolean {
    return this.#covered.every((flag) => flag > 0);
  }

  /** Voxels that samples were of, and none has measured. */
  get numNotMeasured(): number {
    return this.#covered.reduce((sum, flag) => sum + Number(flag === 1), 0);
  }

  add({ origin, shape, input, isHidden, isMeasured, prediction }: RebuiltSample): void {
    const [, Z, Y, X, C] = this.shape;
    const [t0, z0, y0, x0] = [0, 1, 2, 3].map((a) => (origin[a] ?? 0) - (this.origin[a] ?? 0));
    const [t1, z1, y1, x1] = shape;
    let from = 0;
    for (let t = 0; t < t1; t++) {
      for (let z = 0; z < z1; z++) {
        for (let y = 0; y < y1; y++) {
          const row = (((t + (t0 ?? 0)) * Z + z + (z0 ?? 0)) * Y + y + (y0 ?? 0)) * X + (x0 ?? 0);
          for (let i = 0; i < x1 * C; i++, from++) {
            const to = row * C + i;
            const state = isMeasured?.[from] === 0 ? 1 : 2;
            if (state <= (this.#covered[to] ?? 0)) continue;
            this.#covered[to] = state;
            const hidden = state === 1 ? 0 : (isHidden[from] ?? 0);
            const count = state === 1 ? Number.NaN : (input[from] ?? 0);
            this.input[to] = count;
            this.isHidden[to] = hidden;
            this.masked[to] = hidden === 1 ? 0 : count;
            this.reconstruction[to] = hidden === 1 ? (prediction[from] ?? 0) : count;
          }
        }
      }
    }
  }

  /** One channel of one array at one time, [Z Y X]. */
  channel(array: Float32Array | Uint8Array, c: number, t: number) {
    const [, Z, Y, X, C] = this.shape;
    const voxels = Float32Array.from(
      { length: Z * Y * X },
      (_, i) => array[(t * Z * Y * X + i) * C + c] ?? Number.NaN,
    );
    return { voxels, shape: [Z, Y, X] as const };
  }
}
