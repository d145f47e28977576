import assert from "node:assert/strict";
import { DuckDbDatabase } from "../duckdb/duckdb-database.ts";
import { CatalogueError } from "../errors.ts";
import { HypercubeTable } from "../hypercube-table.ts";

/** Opens rows as a run does; of what comes out there is no place that a reader of voxels could not believe. */
export async function readPlaces(path: string): Promise<void> {
  await using database = await DuckDbDatabase.open({ catalogue_path: path });
  const query = { has_annotations: true, cdf_threshold: 1, occupancy_threshold: 0 } as const;
  for (const one of [{}, query]) {
    const table = await HypercubeTable.from(database.hypercubes(one));
    for (const { tile_shape, ...record } of table.records()) {
      const starts = [record.time_start, record.z_start, record.y_start, record.x_start];
      const sizes = [record.time_size, record.z_size, record.y_size, record.x_size];
      for (const [axis, start] of starts.entries()) {
        const end = start + (sizes[axis] ?? 0);
        const isInside = start >= 0 && end > start && end <= (tile_shape[axis] ?? 0);
        assert.ok(isInside, `${starts} ${sizes} is not in a tile of ${tile_shape}`);
      }
    }
  }
}

/** An error that says what is wrong with rows, in no more words than somebody reads. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof CatalogueError && error.message.length < 20_000;
