import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { databaseSuite } from "../database.suite.ts";
import { HypercubeTable } from "../hypercube-table.ts";
import { suiteRows } from "../suite/suite-rows.fixture.ts";
import { CatalogueWriter } from "./catalogue-writer.ts";
import { connectToRead } from "./connect.ts";
import { DuckDbDatabase } from "./duckdb-database.ts";

const folder = mkdtempSync(join(tmpdir(), "cello-duckdb-"));
const catalogue_path = join(folder, "catalogue.duckdb");
after(() => rmSync(folder, { recursive: true }));

before(async () => {
  await using writer = await CatalogueWriter.open(catalogue_path);
  for (const { tile, hypercubes } of suiteRows()) await writer.put(tile, hypercubes);
  // Written twice: a tile takes the place of the one with its name.
  for (const { tile, hypercubes } of suiteRows()) await writer.put(tile, hypercubes);
});

databaseSuite("duckdb", () => DuckDbDatabase.open({ catalogue_path }));

test("a catalogue that is missing, or is something else, is named in the error", async () => {
  await assert.rejects(DuckDbDatabase.open({ catalogue_path: join(folder, "none.duckdb") }), {
    code: "CATALOGUE_MISSING",
    message: /there is no catalogue at .*none\.duckdb/,
  });
  const text = join(folder, "text.duckdb");
  writeFileSync(text, "this is no database, whatever its name says".repeat(1000));
  await assert.rejects(DuckDbDatabase.open({ catalogue_path: text }), {
    code: "CATALOGUE_OPEN",
    message: /text\.duckdb cannot be opened/,
  });
});

test("a catalogue may be in a folder with the signs of a pattern in its name", async () => {
  const path = join(folder, "runs", "[a] *", "catalogue.duckdb");
  await (await CatalogueWriter.open(path))[Symbol.asyncDispose]();
  await using database = await DuckDbDatabase.open({ catalogue_path: path });
  assert.deepEqual(await database.cubeShapes(), []);
});

test("blocks without a cell of an older catalogue are known once it is opened to write", async () => {
  const path = join(folder, "older.duckdb");
  const [rows] = suiteRows();
  assert.ok(rows);
  const put = async () => {
    await using writer = await CatalogueWriter.open(path);
    const hypercubes = rows.hypercubes.map((cube) => {
      const has = cube.x_start === 0;
      return { ...cube, mask_bbox_dict: has ? (cube.mask_bbox_dict ?? null) : null };
    });
    await writer.put(rows.tile, hypercubes);
  };
  const numAnnotated = async () => {
    await using database = await DuckDbDatabase.open({ catalogue_path: path });
    const found = database.hypercubes({ has_annotations: true });
    return (await HypercubeTable.from(found)).numRows;
  };
  await put();
  assert.equal(await numAnnotated(), 6); // NULL is not known, and the tile has labels
  await (await CatalogueWriter.open(path))[Symbol.asyncDispose]();
  assert.equal(await numAnnotated(), 2);
});

test("a catalogue that another process writes to is refused with its number, or waited for", async () => {
  const path = join(folder, "held.duckdb");
  const script = `
import { CatalogueWriter } from ${JSON.stringify(import.meta.resolve("./catalogue-writer.ts"))};
    await CatalogueWriter.open(${JSON.stringify(path)});
    process.stdout.write("open");
    process.stdin.resume();`;
  const holder = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  try {
    const [said] = await Promise.race([once(holder.stdout, "data"), once(holder, "exit")]);
    assert.equal(String(said), "open");
    const refusal = {
      code: "CATALOGUE_OPEN",
      message: new RegExp(`held\\.duckdb cannot be opened: .*lock.*${holder.pid}`, "s"),
    };
    await assert.rejects(DuckDbDatabase.open({ catalogue_path: path }), refusal);
    await assert.rejects(CatalogueWriter.open(path), refusal);
    const waiting = CatalogueWriter.open(path, { waitMs: 600_000 });
    holder.kill("SIGKILL");
    await (await waiting)[Symbol.asyncDispose]();
  } finally {
    holder.kill("SIGKILL");
    if (holder.exitCode === null && holder.signalCode === null) await once(holder, "exit");
  }
  // What a process that was killed had not finished is not there; what it had is.
  await using _ = await DuckDbDatabase.open({ catalogue_path: path });
});

test("a tile whose hypercubes fail to come stays as it was", async () => {
  const [first] = suiteRows();
  assert.ok(first);
  const path = join(folder, "kept.duckdb");
  async function* failing() {
    yield* first?.hypercubes.slice(0, 1) ?? [];
    throw new Error("the disk is gone");
  }
  {
    await using writer = await CatalogueWriter.open(path);
    await writer.put(first.tile, first.hypercubes);
    const source = "elsewhere";
    await assert.rejects(writer.put({ ...first.tile, source }, failing()), /the disk is gone/);
  }
  await using database = await DuckDbDatabase.open({ catalogue_path: path });
  const [all] = await database.explain({});
  assert.equal(all?.remaining, first.hypercubes.length);
  for await (const tile of database.tiles()) assert.equal(tile.source, "suite");
});

test("a tile that could not be read again is not written", async () => {
  const [first] = suiteRows();
  assert.ok(first);
  await using writer = await CatalogueWriter.open(join(folder, "odd.duckdb"));
  const tile = { ...first.tile, z_um: 0, hpf: -1 };
  await assert.rejects(writer.put(tile, first.hypercubes), {
    code: "CATALOGUE_ROW",
    message: /roi-1\/b cannot be listed: .*z_um.*hpf/s,
  });
});

test("no query reaches another file through a catalogue", async () => {
  using catalogue = await connectToRead(catalogue_path);
  const attempts = [
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    `ATTACH '${join(folder, "other.duckdb")}'`,
    `COPY tiles TO '${join(folder, "stolen.csv")}'`,
    "SET enable_external_access = true",
  ];
  for (const sql of attempts) await assert.rejects(catalogue.connection.run(sql), sql);
});

test("the folder of a catalogue is where its relative folders begin, unless another is given", async () => {
  const path = join(folder, "relative.duckdb");
  const [first] = suiteRows();
  assert.ok(first);
  {
    await using writer = await CatalogueWriter.open(path);
    await writer.put({ ...first.tile, server_folder: "." }, first.hypercubes);
  }
  await using database = await DuckDbDatabase.open({ catalogue_path: path });
  const { tiles } = await HypercubeTable.from(database.hypercubes({}));
  assert.deepEqual(
    tiles.map(({ server_folder }) => server_folder),
    [folder],
  );
  await using moved = await DuckDbDatabase.open({
    catalogue_path: path,
    server_folder_path: "/elsewhere",
  });
  for await (const { server_folder } of moved.tiles()) assert.equal(server_folder, "/elsewhere");
});

test("the reference platform's columns are there under its names", async () => {
  using catalogue = await connectToRead(catalogue_path);
  const result = await catalogue.connection.runAndReadAll(
    `SELECT min_occupancy_ratios_ch_0, mean_occupancy_ratios_ch_1, cdf_90_ch_0, cdf_99_ch_1,
      occupancy_ratios_ch_0, time_start, z_start, hpf, is_synthetic, server_folder, output_folder
     FROM hypercube_view WHERE tile_name = 'b' AND x_start = 32 AND time_start = 0`,
  );
  const [row] = result.getRowObjectsJS();
  assert.equal(row?.cdf_90_ch_0, 140);
  assert.equal(row?.cdf_99_ch_1, 150);
  assert.equal(row?.min_occupancy_ratios_ch_0, 0.25);
  assert.ok(Math.abs(Number(row?.mean_occupancy_ratios_ch_1) - 0.3) < 1e-12);
});
