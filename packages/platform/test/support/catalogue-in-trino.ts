import { patientRetries } from "../../src/database/server/retry.ts";
import type { SuiteRows } from "../../src/database/suite/suite-rows.fixture.ts";
import { executeImmediate } from "../../src/database/trino/execute-immediate.ts";
import { trinoAddress } from "../../src/database/trino/trino-address.ts";
import { trinoPages } from "../../src/database/trino/trino-client.ts";

/** Who asks what, of a coordinator with the catalogue `memory`. */
export const trinoEnv = (host: string | undefined, schema: string) => ({
  TRINO_HOST: host,
  TRINO_CATALOG: "memory",
  TRINO_SCHEMA: schema,
  TRINO_USER: "test",
});
export type TrinoEnv = ReturnType<typeof trinoEnv>;

const tileColumns = {
  ...{ prepared_id: "VARCHAR", tile_name: "VARCHAR", server_folder: "VARCHAR" },
  ...{ output_folder: "VARCHAR", array_path: "VARCHAR", axes: "VARCHAR", labels_path: "VARCHAR" },
  ...{ tracks_path: "VARCHAR", time_size: "INTEGER", z_size: "INTEGER", y_size: "INTEGER" },
  ...{ x_size: "INTEGER", channel_size: "INTEGER", dtype: "VARCHAR", z_um: "DOUBLE" },
  ...{ y_um: "DOUBLE", x_um: "DOUBLE", frame_interval_s: "DOUBLE", hpf: "DOUBLE" },
  ...{ is_synthetic: "BOOLEAN", source: "VARCHAR", occupancy_thresholds: "ARRAY(DOUBLE)" },
};
const cubeColumns = {
  ...{ prepared_id: "VARCHAR", tile_name: "VARCHAR", time_start: "INTEGER", z_start: "INTEGER" },
  ...{ y_start: "INTEGER", x_start: "INTEGER", time_size: "INTEGER", z_size: "INTEGER" },
  ...{ y_size: "INTEGER", x_size: "INTEGER", occupancy_ratios: "ARRAY(ARRAY(DOUBLE))" },
  ...{ cdf_80: "ARRAY(DOUBLE)", cdf_90: "ARRAY(DOUBLE)", cdf_95: "ARRAY(DOUBLE)" },
  ...{ cdf_99: "ARRAY(DOUBLE)", mask_bbox_dict: "VARCHAR" },
};

/** A catalogue's own tables. */
export async function fillCatalogueInTrino(
  env: TrinoEnv,
  rows: readonly SuiteRows[],
): Promise<void> {
  const tiles = rows.map(({ tile }) => tile);
  await fillInTrino(env, "tiles", tileColumns, tiles);
  const cubes = rows.flatMap(({ tile: { prepared_id, tile_name }, hypercubes }) =>
    hypercubes.map((cube) => ({ prepared_id, tile_name, ...cube })),
  );
  await fillInTrino(env, "hypercubes", cubeColumns, cubes);
}

/** Rows of one statement: it may be of a million characters. */
const rowsAtOnce = 300;

/** Makes a table and fills it by way of JSON. */
export async function fillInTrino(
  env: TrinoEnv,
  table: string,
  columns: Readonly<Record<string, string>>,
  rows: readonly object[],
): Promise<void> {
  const typed = Object.entries(columns).map(([name, type]) => `"${name}" ${type}`);
  const row = `ARRAY(ROW(${typed.join(", ")}))`;
  const names = Object.keys(columns).map((name) => `"${name}"`);
  await runInTrino(env, `CREATE TABLE "${table}" (${typed.join(", ")})`);
  const text = `INSERT INTO "${table}" SELECT ${names.join(", ")}
FROM UNNEST(CAST(json_parse(?) AS ${row})) AS r(${names.join(", ")})`;
  for (let first = 0; first < rows.length; first += rowsAtOnce) {
    const some = rows.slice(first, first + rowsAtOnce);
    const json = JSON.stringify(some, (_, value) => (Number.isNaN(value) ? "NaN" : value));
    await runInTrino(env, executeImmediate({ text, values: [{ value: json, type: "text" }] }));
  }
}

export async function runInTrino(env: TrinoEnv, text: string): Promise<void> {
  const signal = new AbortController().signal;
  for await (const _ of trinoPages(trinoAddress(env), text, { retries: patientRetries, signal }));
}
