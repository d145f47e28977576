import { DOUBLE, type DuckDBAppender, LIST, listValue } from "@duckdb/node-api";
import { z } from "zod";
import { CatalogueError } from "../errors.ts";
import { type HypercubeStatistics, TileRecord } from "../hypercube-record.ts";
import { connectToWrite, type OpenCatalogue, type WaitOptions } from "./connect.ts";
import { schemaSql } from "./schema-sql.ts";

/** Writes tiles and their hypercubes into a catalogue; a tile is there wholly or not at all. */
export class CatalogueWriter implements AsyncDisposable {
  readonly #catalogue: OpenCatalogue;

  private constructor(catalogue: OpenCatalogue) {
    this.#catalogue = catalogue;
  }

  /**
   * While it is open, no other process can open the catalogue, nor read it: open it late.
   *
   * @throws {@link CatalogueError} CATALOGUE_OPEN, also when another process still has it open
   *   after `waitMs`; CATALOGUE_WRITE.
   */
  static async open(path: string, options: WaitOptions = {}): Promise<CatalogueWriter> {
    const catalogue = await connectToWrite(path, options);
    try {
      const writer = new CatalogueWriter(catalogue);
      await writer.#run(schemaSql);
      return writer;
    } catch (error) {
      catalogue[Symbol.dispose](); // else the file stays locked as long as the process lives
      throw error;
    }
  }

  /**
   * Puts a tile in place of the one with its name, and its hypercubes in place of that one's. They
   * may come one by one; when one fails to come, all is as it was before.
   *
   * @throws {@link CatalogueError} CATALOGUE_ROW for a tile that could not be read again.
   */
  async put(
    tile: TileRecord,
    hypercubes: Iterable<HypercubeStatistics> | AsyncIterable<HypercubeStatistics>,
  ): Promise<void> {
    requireTile(tile);
    const key = { prepared_id: tile.prepared_id, tile_name: tile.tile_name };
    await this.#run("BEGIN");
    try {
      await this.#run(
        "DELETE FROM hypercubes WHERE prepared_id = $prepared_id AND tile_name = $tile_name",
        key,
      );
      await this.#putTile(tile);
      await this.#append(key, hypercubes);
      await this.#run("COMMIT");
    } catch (error) {
      await this.#run("ROLLBACK").catch(() => {}); // the first cause is what counts
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#catalogue[Symbol.dispose]();
  }

  async #putTile({ occupancy_thresholds, ...tile }: TileRecord): Promise<void> {
    const columns = [...Object.keys(tile), "occupancy_thresholds"];
    const names = columns.join(", ");
    const places = columns.map((column) => `$${column}`).join(", ");
    await this.#run(
      `INSERT OR REPLACE INTO tiles (${names}) VALUES (${places})`,
      { ...tile, occupancy_thresholds: listValue([...occupancy_thresholds]) },
      { occupancy_thresholds: LIST(DOUBLE) },
    );
  }

  async #append(
    { prepared_id, tile_name }: { prepared_id: string; tile_name: string },
    hypercubes: Iterable<HypercubeStatistics> | AsyncIterable<HypercubeStatistics>,
  ): Promise<void> {
    const appender = await this.#catalogue.connection.createAppender("hypercubes");
    const append = (act: () => void) => {
      try {
        act();
      } catch (cause) {
        throw this.#failed(cause);
      }
    };
    try {
      for await (const cube of hypercubes) {
        append(() => {
          appender.appendVarchar(prepared_id);
          appender.appendVarchar(tile_name);
          appendStatistics(appender, cube);
          appender.endRow();
        });
      }
      append(() => appender.flushSync());
    } finally {
      appender.closeSync();
    }
  }

  async #run(
    sql: string,
    values: Parameters<OpenCatalogue["connection"]["run"]>[1] = {},
    types: Parameters<OpenCatalogue["connection"]["run"]>[2] = {},
  ): Promise<void> {
    try {
      await this.#catalogue.connection.run(sql, values, types);
    } catch (cause) {
      throw this.#failed(cause);
    }
  }

  #failed(cause: unknown): CatalogueError {
    const why = cause instanceof Error ? cause.message : String(cause);
    const message = `${this.#catalogue.path} cannot be written: ${why}`;
    return new CatalogueError("CATALOGUE_WRITE", message, cause);
  }
}

function requireTile(tile: TileRecord): void {
  const { success, error } = TileRecord.safeParse(tile);
  if (success) return;
  const name = `${tile.prepared_id}/${tile.tile_name}`;
  const message = `${name} cannot be listed: ${z.prettifyError(error)}`;
  throw new CatalogueError("CATALOGUE_ROW", message, error);
}

function appendStatistics(appender: DuckDBAppender, cube: HypercubeStatistics): void {
  for (const value of [
    cube.time_start,
    cube.z_start,
    cube.y_start,
    cube.x_start,
    cube.time_size,
    cube.z_size,
    cube.y_size,
    cube.x_size,
  ]) {
    appender.appendInteger(value);
  }
  const frames = cube.occupancy_ratios.map((ratios) => listValue([...ratios]));
  appender.appendList(listValue(frames), LIST(LIST(DOUBLE)));
  for (const counts of [cube.cdf_80, cube.cdf_90, cube.cdf_95, cube.cdf_99]) {
    appender.appendList(listValue([...counts]), LIST(DOUBLE));
  }
  const least = cube.occupancy_ratios.map((ratios) => ratios.reduce((a, b) => Math.min(a, b)));
  appender.appendList(listValue(least), LIST(DOUBLE));
  if (cube.mask_bbox_dict === undefined || cube.mask_bbox_dict === null) appender.appendNull();
  else appender.appendVarchar(cube.mask_bbox_dict);
}
