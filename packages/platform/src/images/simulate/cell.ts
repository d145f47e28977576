/** A place or a direction, in micrometres or of length 1. */
export type ZYX = readonly [z: number, y: number, x: number];

/**
 * A nucleus in one frame: a spheroid around `axis`, whose surface is roughened by a texture.
 * Voxel (0, 0, 0) has its centre at (0, 0, 0) micrometres.
 */
export interface Cell {
  /** Persistent over frames, from 1; it is the value in the label image. */
  readonly id: number;
  /** The cell whose division made this one; 0: it was there from the start. */
  readonly parent: number;
  readonly centreUm: ZYX;
  readonly axis: ZYX;
  /** Semi-axis along `axis`, and across it. */
  readonly alongUm: number;
  readonly acrossUm: number;
  /** Photons from a voxel at its heart, before the optics. */
  readonly photons: number;
}

/** Numbers of one cell in a packed frame, in this order. */
export const cellFields = [
  "id",
  "z",
  "y",
  "x",
  "axisZ",
  "axisY",
  "axisX",
  "alongUm",
  "acrossUm",
  "photons",
] as const;

/** A frame as plain numbers, {@link cellFields} for each cell: what is handed to the threads. */
export function packCells(cells: readonly Cell[]): Float64Array<SharedArrayBuffer> {
  const width = cellFields.length;
  const packed = new Float64Array(new SharedArrayBuffer(Math.max(8, cells.length * width * 8)));
  cells.forEach((cell, index) => {
    const { id, centreUm, axis, alongUm, acrossUm, photons } = cell;
    packed.set([id, ...centreUm, ...axis, alongUm, acrossUm, photons], index * width);
  });
  return cells.length === 0 ? packed.subarray(0, 0) : packed;
}
