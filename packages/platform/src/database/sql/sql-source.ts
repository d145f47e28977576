import type { Dialect } from "./dialect.ts";
import type { Sql } from "./fragment.ts";
import type { SqlReader } from "./sql-reader.ts";

/**
 * Where a database's rows are, in one shape: two relations, each a text that may stand after FROM
 * (a name, or a SELECT in parentheses). Columns that are not asked for are best left uncomputed.
 *
 * `tiles`, a row for each (prepared_id, tile_name): prepared_id, tile_name, server_folder,
 * output_folder, array_path (the array in the tile's folder; '' when the tile is the array), axes,
 * dtype: text; labels_path, tracks_path, source: text or NULL; time_size, z_size, y_size, x_size,
 * channel_size: integer; z_um, y_um, x_um, frame_interval_s, hpf: double or NULL; is_synthetic,
 * exists_clusterfs, exists_prfs, exists_aws, exists_oak: boolean (`exists` is a word of SQL; NULL is
 * false); occupancy_thresholds: text or NULL, a JSON array of numbers; boxes: JSON text as below, in
 * voxels of the tile, NULL where the database has them by hypercube, or not at all.
 *
 * `hypercubes`, a row for each block: prepared_id, tile_name: text; time_start, z_start, y_start,
 * x_start, time_size, z_size, y_size, x_size: integer, where sizes may reach out of the tile;
 * min_occupancy: array of double, the least frame's ratio of each channel; occupancy: array of
 * double, every frame's, the frames of channel 0 first (time_size of them); cdf_80, cdf_90, cdf_95,
 * cdf_99: array of double, one for each of the tile's channels; boxes: JSON text as in {@link Dialect.unnestBoxes},
 * in voxels of the block; has_boxes: boolean, NULL when only the tile says (labels_path). All of
 * these may be NULL: then a filter on them drops the row.
 */
export interface SqlRelations {
  readonly dialect: Dialect;
  readonly tiles: Sql;
  readonly hypercubes: Sql;
}

/** The relations of a database, and who reads them. */
export interface SqlSource extends SqlRelations {
  /** The config's `kind`. */
  readonly kind: string;
  /** Names the database in messages: a file, or a server without its password. */
  readonly place: string;
  readonly reader: SqlReader;
}
