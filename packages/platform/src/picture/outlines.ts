import type { Slice } from "./slices.ts";

/** An edge between two voxels of a plane, from one corner to the next, in voxels. */
type Edge = readonly [x0: number, y0: number, x1: number, y1: number];

export interface Outline {
  readonly id: number;
  readonly edges: readonly Edge[];
}

/** The edges of every instance in a plane: where a voxel's neighbour has another id. */
export function outlineOf({ voxels, width, height }: Slice): readonly Outline[] {
  const edges = new Map<number, Edge[]>();
  const idAt = (x: number, y: number) =>
    x < 0 || y < 0 || x >= width || y >= height ? 0 : (voxels[y * width + x] ?? 0);
  const add = (id: number, edge: Edge) => {
    const own = edges.get(id);
    if (own) own.push(edge);
    else edges.set(id, [edge]);
  };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const id = idAt(x, y);
      if (!(id > 0)) continue; // background, or -1: not known
      if (idAt(x - 1, y) !== id) add(id, [x, y, x, y + 1]);
      if (idAt(x + 1, y) !== id) add(id, [x + 1, y, x + 1, y + 1]);
      if (idAt(x, y - 1) !== id) add(id, [x, y, x + 1, y]);
      if (idAt(x, y + 1) !== id) add(id, [x, y + 1, x + 1, y + 1]);
    }
  }
  return [...edges].map(([id, list]) => ({ id, edges: list }));
}

/**
 * Okabe and Ito's colours, with white in the place of black and of the dark blue: readers who see few
 * colours can tell them apart, and all are bright enough for a dark image. Source: Okabe, Ito, "Color Universal Design" (2008).
 */
const colours = [
  ["#56b4e9", "blue"],
  ["#e69f00", "orange"],
  ["#009e73", "green"],
  ["#f0e442", "yellow"],
  ["#d55e00", "red"],
  ["#cc79a7", "pink"],
  ["#ffffff", "white"],
] as const;

const colourOf = (id: number) => colours[Math.abs(Math.round(id)) % colours.length] ?? colours[0];

/** Neighbours mostly have ids that follow each other: they get colours that differ. */
export const instanceColour = (id: number): string => colourOf(id)[0];

/** What a reader calls it. */
export const colourName = (id: number): string => colourOf(id)[1];
