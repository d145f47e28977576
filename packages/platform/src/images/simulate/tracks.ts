import type { FileHandle } from "node:fs/promises";
import type { Cell } from "./cell.ts";
import type { MovieConfig } from "./movie-config.ts";

/** Name of the file of tracks, in the folder of its image. */
export const tracksName = "tracks.csv";

/**
 * Columns of the tracks: a row for each cell of each frame, also of those just outside the image.
 * `id` is the label, `parent` the cell that divided (0: none), z y x the centre in voxels, whose
 * centres lie on whole numbers; radii are in micrometres, along the axis (a direction of length 1,
 * in space) and across it; `photons` is the light of a voxel at the heart.
 */
const trackColumns =
  "id,parent,t,z,y,x,radius_along_um,radius_across_um,axis_z,axis_y,axis_x,photons";

export async function writeTracks(
  file: FileHandle,
  t: number,
  cells: readonly Cell[],
  { voxel_size_um }: MovieConfig,
): Promise<void> {
  const rows = cells.map(({ id, parent, centreUm, axis, alongUm, acrossUm, photons }) => {
    const centre = centreUm.map((um, index) => um / (voxel_size_um[index] ?? 1));
    const numbers = [...centre, alongUm, acrossUm, ...axis, photons];
    return [id, parent, t, ...numbers.map((value) => value.toFixed(4))].join(",");
  });
  const head = t === 0 ? [trackColumns] : [];
  await file.write([...head, ...rows, ""].join("\n"));
}
