import type { Box } from "../import/image-source.ts";
import type { Samples } from "../tiff/samples.ts";
import { type Cell, sizeOf, startOf } from "./cells.ts";
import type { GridPlaces } from "./grid.ts";
import { type CountPairs, Histogram } from "./histogram.ts";
import { boxesText, labelBoxes } from "./label-boxes.ts";
import type { ScannedCell, ScannedCube } from "./scanned-cell.ts";

/** The voxels of a cell, as they were read. */
export interface Block {
  /** [T C Z Y X] */
  readonly voxels: Samples;
  /** [T Z Y X] */
  readonly labels: Samples | null;
  readonly hasMissing: boolean;
}

export interface Counting {
  readonly places: GridPlaces;
  readonly shape: readonly number[];
  readonly missingChunks: number;
}

/** How often each count occurs in each frame of a cell's hypercubes, and the boxes of their cells. */
export function countCell(
  { own, read, cubes }: Cell,
  { voxels, labels }: Block,
  { places, shape, missingChunks }: Counting,
): ScannedCell {
  const numChannels = shape[4] ?? 1;
  const histogram = new Histogram();
  const count = (box: Box, channel: number): CountPairs => {
    countBox(histogram, { voxels, read, numChannels }, box, channel);
    const found = histogram.pairs();
    histogram.clear();
    return found;
  };
  const channels = Array.from({ length: numChannels }, (_, c) => c);
  return {
    missingChunks,
    own: channels.map((c) => count(own, c)),
    cubes: cubes.map((index): ScannedCube => {
      const place = places.at(index);
      const [origin, size] = [startOf(place), sizeOf(place)];
      const frames = Array.from({ length: size[0] }, (_, t) => t);
      const [, z, y, x] = origin;
      const from = origin.map((start, axis) => start - (read.origin[axis] ?? 0));
      const [t0 = 0, z0 = 0, y0 = 0, x0 = 0] = from;
      const region = { shape: read.shape, from: [t0, z0, y0, x0] as const, size };
      return {
        index,
        histograms: channels.map((c) =>
          frames.map((t) =>
            count({ origin: [origin[0] + t, z, y, x], shape: [1, size[1], size[2], size[3]] }, c),
          ),
        ),
        boxes: labels ? boxesText(labelBoxes({ labels, ...region }), numChannels) : null,
      };
    }),
  };
}

function countBox(
  histogram: Histogram,
  {
    voxels,
    read,
    numChannels,
  }: { readonly voxels: Samples; readonly read: Box; readonly numChannels: number },
  { origin, shape }: Box,
  channel: number,
): void {
  const [t0, z0, y0, x0] = origin.map((start, axis) => start - (read.origin[axis] ?? 0)) as [
    number,
    number,
    number,
    number,
  ];
  const [, Z, Y, X] = read.shape;
  const counts = voxels as Uint16Array | Uint8Array; // checked by who reads them
  for (let t = t0; t < t0 + shape[0]; t++) {
    for (let z = z0; z < z0 + shape[1]; z++) {
      const plane = ((t * numChannels + channel) * Z + z) * Y;
      for (let y = y0; y < y0 + shape[2]; y++) {
        const row = (plane + y) * X + x0;
        histogram.addRow(counts, row, row + shape[3]);
      }
    }
  }
}
