import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import pg from "pg";
import { fillCatalogue } from "../../../test/support/catalogue-in-postgres.ts";
import { postgresIsMissing } from "../../../test/support/postgres-programs.ts";
import { PostgresServer } from "../../../test/support/postgres-server.ts";
import { fillReference, viewSql } from "../../../test/support/reference-database.ts";
import {
  annotatedTilesOf,
  expectedAnnotatedTiles,
  expectedReferenceRows,
  referenceRows,
  rowsOfBatches,
} from "../../../test/support/reference-rows.ts";
import { runInPostgres } from "../../../test/support/run-in-postgres.ts";
import { databaseSuite } from "../database.suite.ts";
import type { HypercubeQuery } from "../hypercube-query.ts";
import type { TileRecord } from "../hypercube-record.ts";
import { suiteRows } from "../suite/suite-rows.fixture.ts";
import { openSupabase } from "./supabase-database.ts";

const missing = postgresIsMissing();
let server: PostgresServer;

before(async () => {
  if (missing !== false) return;
  server = await PostgresServer.start();
  await filled("catalogue", (client) => fillCatalogue(client, suiteRows()));
  await filled("cubes", (client) => fillReference(client, referenceRows()));
  await filled("views", async (client) => {
    await fillReference(client, referenceRows());
    for (const frames of [1, 2]) await client.query(viewSql(frames));
  });
  await filled("empty", async () => {});
});
after(() => server?.[Symbol.asyncDispose]());

const open = (database: string, num_timepoints = 1) =>
  openSupabase(
    { dbname: "prod", num_timepoints },
    { env: { SUPABASE_PROD_URI: server.uriOf(database) } },
  );

if (missing === false) databaseSuite("supabase", () => open("catalogue"));
else test("supabase: the suite", { skip: missing }, () => {});

for (const database of ["cubes", "views"]) {
  for (const frames of [1, 2]) {
    test(`the Python platform's rows, ${frames} frames, from its ${database}`, {
      skip: missing,
    }, async () => {
      await using opened = await open(database, frames);
      const from =
        database === "cubes" ? "prepared_cubes" : `prepared_${frames}_128_128_128_2_hypercube_view`;
      assert.equal(opened.place, `127.0.0.1:${server.port}/${database} (${from})`);
      const rows = await rowsOfBatches(opened.hypercubes({}, { channels: 2 }));
      // The view that the Python platform makes is of two channels.
      const channels = database === "cubes" ? [1, 2] : [2];
      assert.deepEqual(rows, expectedReferenceRows(frames, channels));
    });
  }
}

test("boxes are lists of corners, whatever the database has them as", {
  skip: missing,
}, async () => {
  for (const database of ["cubes", "views"]) {
    await using opened = await open(database);
    const query: HypercubeQuery = { has_annotations: true };
    const boxes: unknown[] = [];
    for await (const batch of opened.hypercubes(query, { boxes: true })) {
      boxes.push(...(batch.boxes ?? []).map((text) => JSON.parse(text ?? "")));
    }
    const both = { 3: [1, 2, 3, 4, 5, 6], 4: [0, 0, 0, 2, 2, 2] };
    assert.deepEqual(boxes, [{ 1: both }]);
  }
});

test("a group of frames is annotated when one of its frames is", { skip: missing }, async () => {
  for (const database of ["cubes", "views"]) {
    await using opened = await open(database, 2);
    const query: HypercubeQuery = { has_annotations: true };
    const found: unknown[] = [];
    for await (const batch of opened.hypercubes(query, { boxes: true })) {
      found.push(
        [...batch.time_start],
        batch.boxes?.map((text) => JSON.parse(text ?? "")),
      );
    }
    const both = { 3: [1, 2, 3, 4, 5, 6], 4: [0, 0, 0, 2, 2, 2] };
    assert.deepEqual(found, [[0], [{ 1: both }]]);
  }
});

test("in tile mode a tile has the boxes that the Python platform has of it, else those of its cubes", {
  skip: missing,
}, async () => {
  const query = { with_hypercubes_dataframe: false, has_annotations: true } as const;
  for (const database of ["cubes", "views"]) {
    for (const frames of [1, 2]) {
      await using opened = await open(database, frames);
      const rows = await annotatedTilesOf(opened.hypercubes(query, { boxes: true }));
      assert.deepEqual(rows, expectedAnnotatedTiles);
    }
  }
});

test("tiles have their ROI's sizes, and no tile of another cube size comes", {
  skip: missing,
}, async () => {
  await using opened = await open("cubes");
  const tiles: TileRecord[] = [];
  for await (const tile of opened.tiles()) tiles.push(tile);
  assert.deepEqual(
    tiles.map((tile) => [tile.prepared_id, tile.tile_name, tile.x_size, tile.channel_size]),
    [
      ["7", "a", 256, 2],
      ["7", "b", 256, 2],
      ["8", "c", 200, 1],
    ],
  );
  assert.deepEqual(tiles[0], {
    prepared_id: "7",
    tile_name: "a",
    server_folder: "/clusterfs/data",
    output_folder: "2025/9/7",
    array_path: "",
    axes: "TZYXC",
    labels_path: null,
    tracks_path: null,
    time_size: 3,
    z_size: 128,
    y_size: 128,
    x_size: 256,
    channel_size: 2,
    dtype: "uint16",
    z_um: null,
    y_um: null,
    x_um: null,
    frame_interval_s: null,
    hpf: 5.5,
    is_synthetic: false,
    source: tiles[0]?.source,
    occupancy_thresholds: [],
  });
});

test("a tile that nobody says is synthetic is measured", { skip: missing }, async () => {
  await using opened = await open("cubes");
  const count = async (synthetic_only: boolean) => {
    let sum = 0;
    for await (const { numRows } of opened.hypercubes({ synthetic_only })) sum += numRows;
    return sum;
  };
  assert.deepEqual([await count(false), await count(true)], [18, 0]);
});

test("a database without the tables is refused with what it has", { skip: missing }, async () => {
  await assert.rejects(open("empty"), {
    code: "DATABASE_TABLES",
    message: /neither the tables tiles and hypercubes, nor prepared.*found: none of these$/,
  });
  await filled("lacking", async (client) => {
    await fillReference(client, referenceRows());
    await client.query("ALTER TABLE prepared_cubes DROP COLUMN occupancy_ratio, DROP COLUMN time");
  });
  await assert.rejects(open("lacking"), {
    code: "DATABASE_TABLES",
    message: /the table prepared_cubes lacks time, occupancy_ratio$/,
  });
});

test("a value that the server cannot read is told as a row's, not as a server's that went", {
  skip: missing,
}, async () => {
  await filled("damaged", async (client) => {
    await fillCatalogue(client, suiteRows());
    await client.query("UPDATE hypercubes SET mask_bbox_dict = '{cells' WHERE x_start = 32");
  });
  await using opened = await open("damaged");
  await assert.rejects(opened.explain({ has_annotations: true }), {
    code: "DATABASE_ROW",
    message: /\/damaged: invalid input syntax for type json$/,
  });
});

test("a server that is not there, or refuses, is named without its password", {
  skip: missing,
}, async () => {
  const secret = PostgresServer.password;
  const noWait = { random: () => 0, wait: async () => {} };
  const retries = { attempts: 2, firstAttempts: 2, firstDelayMs: 1, mostDelayMs: 1, ...noWait };
  const cases = [
    [server.uriOf("postgres", 1), /127\.0\.0\.1:1\/postgres: .*ECONNREFUSED.*\(after 2 tries\)$/],
    [server.uriOf("nowhere"), /\/nowhere: database "nowhere" does not exist$/],
    [server.uri.replace("cello:", "cello:x"), /password authentication failed for user/],
  ] as const;
  for (const [uri, message] of cases) {
    const opening = openSupabase(
      { dbname: "prod", num_timepoints: 1 },
      { env: { SUPABASE_PROD_URI: uri }, retries },
    );
    await assert.rejects(opening, (error: Error & { code?: string }) => {
      assert.equal(error.code, "DATABASE_CONNECT");
      assert.match(error.message, message);
      const all = JSON.stringify(error, Object.getOwnPropertyNames(error));
      for (const form of [secret, encodeURIComponent(secret)]) assert.ok(!all.includes(form));
      return true;
    });
  }
});

async function filled(name: string, fill: (client: pg.Client) => Promise<void>): Promise<void> {
  await runInPostgres(server.uri, [`CREATE DATABASE ${name}`]);
  const client = new pg.Client(server.uriOf(name));
  await client.connect();
  await fill(client).finally(() => client.end());
}
