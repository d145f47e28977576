import type { CountPairs } from "./histogram.ts";
import { PackedNumbers } from "./packed-numbers.ts";

/** What is known of a hypercube before the thresholds of its image are. */
export interface ScannedCube {
  /** Which of the places. */
  readonly index: number;
  /** By channel, then frame. */
  readonly histograms: readonly (readonly CountPairs[])[];
  readonly boxes: string | null;
}

/** What a cell gave: its own voxels' histogram by channel, and its hypercubes. */
export interface ScannedCell {
  readonly own: readonly CountPairs[];
  readonly missingChunks: number;
  readonly cubes: readonly ScannedCube[];
}

/** A cell as bytes: counts are near each other, so their differences are written. */
export function encodeCell({ own, missingChunks, cubes }: ScannedCell): Buffer {
  const numbers = new PackedNumbers();
  numbers.put(missingChunks);
  numbers.put(own.length);
  for (const histogram of own) numbers.putHistogram(histogram);
  numbers.put(cubes.length);
  for (const { index, histograms, boxes } of cubes) {
    numbers.put(index);
    numbers.put(histograms[0]?.length ?? 0);
    for (const frames of histograms) for (const frame of frames) numbers.putHistogram(frame);
    numbers.putText(boxes ?? "");
  }
  return numbers.bytes.subarray(0, numbers.at);
}

/** The cell of such bytes. */
export function decodeCell(record: Buffer): ScannedCell {
  const numbers = new PackedNumbers();
  numbers.bytes = record;
  const missingChunks = numbers.take();
  const own = Array.from({ length: numbers.take() }, () => numbers.takeHistogram());
  const cubes = Array.from({ length: numbers.take() }, () => {
    const index = numbers.take();
    const numFrames = numbers.take();
    const histograms = own.map(() =>
      Array.from({ length: numFrames }, () => numbers.takeHistogram()),
    );
    const boxes = numbers.takeText();
    return { index, histograms, boxes: boxes === "" ? null : boxes };
  });
  return { missingChunks, own, cubes };
}
