/** Where a block lies in its tile, and how large it is, in frames and voxels. */
export const placeColumns = [
  "time_start",
  "z_start",
  "y_start",
  "x_start",
  "time_size",
  "z_size",
  "y_size",
  "x_size",
] as const;

export type HypercubePlace = Readonly<Record<(typeof placeColumns)[number], number>>;
