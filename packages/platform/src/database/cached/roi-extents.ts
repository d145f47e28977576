import { existsSync } from "node:fs";
import type { TileRecord } from "../hypercube-record.ts";
import { cellText } from "./cached-lines.ts";

/** The file of the extents of ROIs beside one of cached rows, as the reference platform names it. */
export const roisOf = (path: string): string => `${path.replace(/\.csv$/, "")}_rois.csv`;

/** Whether a file is one of extents, beside its rows. */
export const isRoiFile = (path: string): boolean =>
  path.endsWith("_rois.csv") && existsSync(path.replace(/_rois\.csv$/, ".csv"));

/**
 * The ROIs of tiles as CSV, by whose extents the reference platform clips hypercubes; a tile begins at
 * 0 in its ROI. Of tiles that differ in size, which that platform does not know, the largest counts.
 */
export function roisCsv(tiles: Iterable<TileRecord>): string {
  const rois = new Map<string, number[]>();
  for (const { prepared_id, z_size, y_size, x_size, time_size, channel_size } of tiles) {
    const sizes = [z_size, y_size, x_size, time_size, channel_size];
    const known = rois.get(prepared_id) ?? sizes;
    rois.set(
      prepared_id,
      sizes.map((size, i) => Math.max(size, known[i] ?? 0)),
    );
  }
  const lines = [...rois].map(
    ([id, sizes], row) => `${row},${cellText(id)},0,0,0,${sizes.join(",")}`,
  );
  return `${[",id,z_start,y_start,x_start,z_end,y_end,x_end,time_size,channel_size", ...lines].join("\n")}\n`;
}
