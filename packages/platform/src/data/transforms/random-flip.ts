import { Tensor, where } from "@cell-observatory/engine";
import { RandomStream } from "../rng/random-stream.ts";

type FlipAxis = "T" | "Z" | "Y" | "X";

/** What the draws of a batch depend on, besides the seed. */
interface FlipPlace {
  readonly epoch: number;
  /** Number of each sample in the epoch. */
  readonly samples: readonly number[];
}

const axisOf: Readonly<Record<FlipAxis, number>> = { T: 1, Z: 2, Y: 3, X: 4 };

/** Mirrors each sample of a batch [B T Z Y X C] along each of `axes`, each with probability 1/2. */
export function randomFlip({
  axes,
  seed,
}: {
  readonly axes: readonly FlipAxis[];
  readonly seed: number;
}): (video: Tensor, place: FlipPlace) => Tensor {
  return (video, { epoch, samples }) => {
    const coins = samples.map((index) => {
      const rng = new RandomStream({ seed, purpose: "flip", epoch, index });
      return axes.map(() => rng.integer(0, 2));
    });
    return axes.reduce((mirrored, axis, a) => {
      const isFlipped = Uint8Array.from(coins, (coin) => coin[a] ?? 0);
      if (!isFlipped.includes(1)) return mirrored;
      const { device } = mirrored;
      const flags = Tensor.from(isFlipped, { shape: [samples.length, 1, 1, 1, 1, 1], device });
      return where(flags.ne(0), mirrored.flip([axisOf[axis]]), mirrored);
    }, video);
  };
}
