import pg, { type Client } from "pg";
import type { SuiteRows } from "../../src/database/suite/suite-rows.fixture.ts";

/** A catalogue's own tables, as `docs/how-to/use-your-database.md` has them. */
const schema = `
CREATE TABLE tiles (prepared_id text NOT NULL, tile_name text NOT NULL, server_folder text NOT NULL,
  output_folder text NOT NULL, array_path text NOT NULL, axes text NOT NULL, labels_path text,
  tracks_path text, time_size int NOT NULL, z_size int NOT NULL, y_size int NOT NULL,
  x_size int NOT NULL, channel_size int NOT NULL, dtype text NOT NULL, z_um float8, y_um float8,
  x_um float8, frame_interval_s float8, hpf float8, is_synthetic bool NOT NULL, source text NOT NULL,
  occupancy_thresholds float8[] NOT NULL, PRIMARY KEY (prepared_id, tile_name));
CREATE TABLE hypercubes (prepared_id text NOT NULL, tile_name text NOT NULL,
  time_start int NOT NULL, z_start int NOT NULL, y_start int NOT NULL, x_start int NOT NULL,
  time_size int NOT NULL, z_size int NOT NULL, y_size int NOT NULL, x_size int NOT NULL,
  occupancy_ratios float8[] NOT NULL, cdf_80 float8[] NOT NULL, cdf_90 float8[] NOT NULL,
  cdf_95 float8[] NOT NULL, cdf_99 float8[] NOT NULL, mask_bbox_dict text);`;

/** Makes the tables and fills them. */
export async function fillCatalogue(client: Client, rows: readonly SuiteRows[]): Promise<void> {
  await client.query(schema);
  const insert = (table: string, records: readonly object[]) =>
    client.query(`INSERT INTO ${table} SELECT * FROM json_populate_recordset(NULL::${table}, $1)`, [
      JSON.stringify(records, (_, value) => (Number.isNaN(value) ? "NaN" : value)),
    ]);
  await insert(
    "tiles",
    rows.map(({ tile }) => tile),
  );
  const cubes = rows.flatMap(({ tile, hypercubes }) =>
    hypercubes.map((cube) => ({
      prepared_id: tile.prepared_id,
      tile_name: tile.tile_name,
      ...cube,
    })),
  );
  await insert("hypercubes", cubes);
}

/** The same in a database of its own. */
export async function fillDatabase(uri: string, rows: readonly SuiteRows[]): Promise<void> {
  const client = new pg.Client(uri);
  await client.connect();
  await fillCatalogue(client, rows).finally(() => client.end());
}
