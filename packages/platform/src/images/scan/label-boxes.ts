import type { Samples } from "../tiff/samples.ts";

/** [z0, y0, x0, z1, y1, x1] in voxels; the second corner is the one behind the last voxel. */
export type CellBox = [number, number, number, number, number, number];

/** A block of label ids in memory, and the part of it that is looked at. */
export interface LabelRegion {
  /** [T Z Y X] */
  readonly labels: Samples;
  readonly shape: readonly number[];
  readonly from: readonly [t: number, z: number, y: number, x: number];
  readonly size: readonly [t: number, z: number, y: number, x: number];
}

/**
 * The box of each cell of a region, over all its frames, in voxels of the region; 0 is background,
 * and what is below is ignored. A row of the database is about all its frames at once; boxes of each
 * frame are found in what is read (`labelObjects`).
 */
export function labelBoxes({ labels, shape, from, size }: LabelRegion): Map<number, CellBox> {
  const [, Z = 1, Y = 1, X = 1] = shape;
  const boxes = new Map<number, CellBox>();
  for (let t = 0; t < size[0]; t++) {
    for (let z = 0; z < size[1]; z++) {
      for (let y = 0; y < size[2]; y++) {
        const row = (((from[0] + t) * Z + from[1] + z) * Y + from[2] + y) * X + from[3];
        let x = 0;
        while (x < size[3]) {
          const id = labels[row + x] ?? 0;
          const first = x;
          do x += 1;
          while (x < size[3] && labels[row + x] === id);
          if (id > 0) widen(boxes, id, [z, y, first, z + 1, y + 1, x]);
        }
      }
    }
  }
  return boxes;
}

function widen(boxes: Map<number, CellBox>, id: number, run: CellBox): void {
  const box = boxes.get(id);
  if (!box) {
    boxes.set(id, run);
    return;
  }
  for (let i = 0; i < 3; i++) {
    box[i] = Math.min(box[i] ?? 0, run[i] ?? 0);
    box[i + 3] = Math.max(box[i + 3] ?? 0, run[i + 3] ?? 0);
  }
}

/**
 * As the database keeps them: boxes by channel, then by cell. "{}" says that there is no cell.
 *
 * @param channel - of the labels. Those in an array of their own count as the one behind the image's
 *   channels, where the reference platform has them: it is the image's number of channels.
 */
export function boxesText(boxes: ReadonlyMap<number, CellBox>, channel: number): string {
  if (boxes.size === 0) return "{}";
  const cells = [...boxes].sort(([a], [b]) => a - b).map(([id, box]) => [String(id), box]);
  return JSON.stringify({ [channel]: Object.fromEntries(cells) });
}
