import type { Client } from "pg";
import { type ReferenceRows, referenceColumns } from "./reference-rows.ts";

/** The tables of the reference platform, as its queries use them. */
export const referenceSchema = `
CREATE TABLE prepared (id bigint PRIMARY KEY, x_start int DEFAULT 0, y_start int DEFAULT 0,
  z_start int DEFAULT 0, z_end int, y_end int, x_end int, time_size int, channel_size int,
  is_synthetic bool);
CREATE TABLE prepared_tiles_view_table (prepared_id bigint, tile_name text, hpf numeric,
  channel_size int, cube_size int, server_folder text, output_folder text, metadata_tile_json json,
  "exists" bool, exists_prfs bool, exists_aws bool, is_synthetic bool);
CREATE TABLE prepared_cubes (id bigserial, prepared_id bigint, tile_name text, x_start int,
  y_start int, z_start int, time int, channel int, channel_target text, occupancy_ratio real,
  metadata_json json);`;

/** Makes the tables and fills them. */
export async function fillReference(
  client: Client,
  { rois, tiles, cubes }: ReferenceRows,
): Promise<void> {
  await client.query(referenceSchema);
  const insert = (table: string, columns: string, rows: readonly unknown[]) =>
    client.query(
      `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM json_populate_recordset(NULL::${table}, $1)`,
      [JSON.stringify(rows)],
    );
  const columns = (table: keyof typeof referenceColumns) =>
    Object.keys(referenceColumns[table])
      .map((name) => `"${name}"`)
      .join(", ");
  await insert("prepared", columns("prepared"), rois);
  await insert("prepared_tiles_view_table", columns("prepared_tiles_view_table"), tiles);
  await insert("prepared_cubes", columns("prepared_cubes"), cubes);
}

/** The view that the reference platform keeps for two channels and `frames` frames. */
export const viewSql = (frames: number) => `
CREATE MATERIALIZED VIEW prepared_${frames}_128_128_128_2_hypercube_view AS
SELECT first_pc_id, prepared_id, tile_name, x_start, y_start, z_start, time_start, channel_size,
  cube_size, time_size, hpf, server_folder, output_folder, pc_metadata_json,
  occupancy_ratios[:${frames}] AS occupancy_ratios_ch_0,
  occupancy_ratios[${frames} + 1:] AS occupancy_ratios_ch_1, "exists", is_synthetic
FROM (
  SELECT min(pc.id) AS first_pc_id, pc.prepared_id, pc.tile_name, pc.x_start, pc.y_start,
    pc.z_start, div(pc.time::numeric, ${frames}) * ${frames} AS time_start, ptv.channel_size,
    ptv.cube_size, count(*) / ptv.channel_size AS time_size, ptv.hpf, ptv.server_folder,
    ptv.output_folder, ptv."exists", ptv.is_synthetic,
    json_object_agg(pc.channel, pc.metadata_json ORDER BY pc.channel, pc.time DESC) AS pc_metadata_json,
    array_agg(pc.occupancy_ratio ORDER BY pc.channel, pc.time) AS occupancy_ratios
  FROM prepared_cubes AS pc JOIN prepared_tiles_view_table AS ptv
    ON (pc.prepared_id, pc.tile_name) = (ptv.prepared_id, ptv.tile_name)
  WHERE ptv.cube_size = 128 AND ptv.channel_size = 2
  GROUP BY pc.prepared_id, pc.tile_name, pc.x_start, pc.y_start, pc.z_start, ptv.channel_size,
    ptv.cube_size, ptv.hpf, ptv.server_folder, ptv.output_folder, ptv."exists", ptv.is_synthetic,
    div(pc.time::numeric, ${frames})) AS hypercubes`;
