import { z } from "zod";
import { CatalogueError } from "../errors.ts";
import { TileRecord } from "../hypercube-record.ts";
import type { ColumnBatch } from "./column-batch.ts";
import { tileTypes } from "./statements.ts";

const NumberList = z.array(z.number());

/**
 * The tiles of a batch of `tilesStatement`.
 *
 * @param place - names the database in messages.
 * @throws {@link CatalogueError} CATALOGUE_ROW for a tile that no sample could be read from.
 */
export function* readTiles(batch: ColumnBatch, place: string): Generator<TileRecord> {
  for (let row = 0; row < batch.numRows; row++) {
    const values = Object.keys(tileTypes).map((name) => [name, valueAt(batch, name, row)] as const);
    const { is_synthetic, occupancy_thresholds, ...rest } = Object.fromEntries(values);
    const tile = TileRecord.safeParse({
      ...rest,
      source: rest.source ?? place,
      is_synthetic: is_synthetic === 1,
      occupancy_thresholds: thresholds(occupancy_thresholds),
    });
    if (!tile.success) {
      const name = `${rest.prepared_id}/${rest.tile_name}`;
      const message = `${place} holds a tile ${name} that is not as it should be: ${z.prettifyError(tile.error)}`;
      throw new CatalogueError("CATALOGUE_ROW", message, tile.error);
    }
    yield tile.data;
  }
}

/** NaN stands for NULL in a column of numbers. */
function valueAt({ columns }: ColumnBatch, name: string, row: number): string | number | null {
  const value = columns[name]?.[row] ?? null;
  return Number.isNaN(value) ? null : value;
}

/** What is no list of numbers stays as it is, and is refused with the row. */
function thresholds(text: string | number | null | undefined): unknown {
  if (text === null || text === undefined) return [];
  try {
    return NumberList.parse(JSON.parse(String(text)));
  } catch {
    return text;
  }
}
