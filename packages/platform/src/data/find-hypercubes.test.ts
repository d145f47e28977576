import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { composeRun, type DatabasesConfig } from "../config/index.ts";
import { findHypercubes, type WantedHypercubes } from "./find-hypercubes.ts";
import { DataQuery } from "./query/data-query.ts";

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "cello-find-"));
  const rows = [
    "prepared_id,tile_name,server_folder,output_folder,time_start,z_start,y_start,x_start,time_size,cube_size,channel_size,exists,exists_prfs",
    "roi,here,/clusterfs/x,out,0,0,0,0,1,32,1,t,f",
    "roi,there,/clusterfs/x,out,0,0,0,0,1,32,1,f,t",
    "roi,unknown,/clusterfs/x,out,0,0,0,0,1,32,1,,",
  ];
  await writeFile(join(folder, "rows.csv"), `${rows.join("\n")}\n`);
});
after(() => rm(folder, { recursive: true }));

function databases(...overrides: readonly string[]): DatabasesConfig {
  const options = { configDirs: [], env: { DATA_DIR: folder } };
  const all = [
    `datasets.databases.catalogue_path=${join(folder, "rows.csv")}`,
    ...overrides.map((each) => `datasets.databases.${each}`),
  ];
  const { config } = composeRun({
    configName: "experiments/nuclei_mae",
    overrides: all,
    ...options,
  });
  const { kind } = config.datasets.databases;
  assert.ok(kind !== "local");
  return { ...config.datasets.databases, kind };
}

test("a grid is laid only over tiles that are where the run asks for them", async () => {
  const listed: WantedHypercubes = { cubeShape: [1, 32, 32, 32], numChannels: 1, channels: null };
  const laid: WantedHypercubes = { ...listed, cubeShape: [1, 16, 16, 16] };
  for (const wanted of [listed, laid]) {
    const tiles = async (location: string) => {
      const table = await findHypercubes(databases(`location=${location}`), wanted);
      return new Set([...table.records()].map(({ tile_name }) => tile_name));
    };
    assert.deepEqual(await tiles("exists"), new Set(["here"]));
    assert.deepEqual(await tiles("exists_prfs"), new Set(["there"]));
    assert.deepEqual(await tiles("any"), new Set(["here", "there", "unknown"]));
    await assert.rejects(tiles("exists_oak"), { code: "DATA_EMPTY", message: /location 0/ });
  }
});

test("a grid is laid only over tiles that other filters leave", async () => {
  const laid: WantedHypercubes = { cubeShape: [1, 16, 16, 16], numChannels: 1, channels: null };
  const count = async (...filters: readonly string[]) =>
    (await findHypercubes(databases(...filters), laid)).numRows;
  const ofTile = 3 ** 3;
  assert.equal(await count("tile_list=[here,unknown]"), 2 * ofTile);
  assert.equal(await count("tile_list=[here,unknown]", "max_tiles=1"), ofTile);
  await assert.rejects(count("has_annotations=true"), { code: "DATA_EMPTY" });
  await assert.rejects(count("synthetic_only=true"), { code: "DATA_EMPTY" });
});

test("in whole tiles the same grid lies, whatever hypercubes the database lists", async () => {
  const wanted: WantedHypercubes = { cubeShape: [1, 16, 16, 16], numChannels: 1, channels: null };
  const found = async (shape: WantedHypercubes["cubeShape"], ...keys: readonly string[]) => {
    const asked = databases("location=any", "with_hypercubes_dataframe=false", ...keys);
    return [...(await findHypercubes(asked, { ...wanted, cubeShape: shape })).records()];
  };
  const laid = await findHypercubes(databases("location=any"), wanted);
  assert.deepEqual(await found([1, 16, 16, 16]), [...laid.records()]);
  // The rows are of this shape: in tiles they lie half their size apart all the same.
  assert.equal((await found([1, 32, 32, 16])).length, 3 * 3);
  // A limit counts tiles, and a filter of frames keeps hypercubes that begin at one of them.
  assert.equal((await found([1, 16, 16, 16], "max_hypercubes=1")).length, 3 ** 3);
  assert.equal((await found([1, 16, 16, 16], "timepoint_list=[0]")).length, 3 * 3 ** 3);
  const none = { code: "DATA_EMPTY", message: /all 3, num_channels 3, timepoint_list 0$/ };
  await assert.rejects(found([1, 16, 16, 16], "timepoint_list=[1]"), none);
});

test("a tile that is smaller than a hypercube has one of its own size", async () => {
  const wanted: WantedHypercubes = { cubeShape: [2, 48, 16, 64], numChannels: 1, channels: null };
  const asked = databases("with_hypercubes_dataframe=false", "location=exists");
  const records = [...(await findHypercubes(asked, wanted)).records()];
  assert.deepEqual(
    records.map(({ y_start, time_size, z_size, y_size, x_size }) => [
      ...[y_start, time_size, z_size, y_size, x_size],
    ]),
    [0, 8, 16].map((y) => [y, 1, 32, 16, 32]),
  );
});

test("images with fewer channels come only to a run that takes zeros in their place", async () => {
  const wanted: WantedHypercubes = { cubeShape: [1, 32, 32, 32], numChannels: 3, channels: null };
  const found = (more: Partial<WantedHypercubes>) =>
    findHypercubes(databases("location=any"), { ...wanted, ...more });
  for (const channels of [null, [0, 2]]) {
    await assert.rejects(found({ channels }), { code: "DATA_EMPTY", message: /_channels 0/ });
    assert.equal((await found({ channels, mayLackChannels: true })).numRows, 3);
  }
});

test("what is in quarantine is left out, of listed hypercubes as of those that are laid", async () => {
  const path = join(folder, "quarantine.json");
  const part = { path: "elsewhere", prepared_id: "roi", tile_name: "there", reason: "damage" };
  const all = { origin: null, shape: null };
  await writeFile(path, JSON.stringify({ version: 1, parts: [{ ...part, ...all }] }));
  const wanted: WantedHypercubes = { cubeShape: [1, 32, 32, 32], numChannels: 1, channels: null };
  const tiles = async (edge: number, ...keys: readonly string[]) => {
    const asked = databases("location=any", `quarantine_path=${path}`, ...keys);
    const table = await findHypercubes(asked, { ...wanted, cubeShape: [1, edge, edge, edge] });
    return new Set([...table.records()].map(({ tile_name }) => tile_name));
  };
  const healthy = new Set(["here", "unknown"]);
  assert.deepEqual(await tiles(32), healthy);
  assert.deepEqual(await tiles(16), healthy);
  assert.deepEqual(await tiles(16, "with_hypercubes_dataframe=false"), healthy);
  const message = /tile_list 1, .*quarantine_path 0 \(it has 1\)$/;
  await assert.rejects(tiles(32, "tile_list=[there]"), { code: "DATA_EMPTY", message });
});

test("what whole tiles have no number of is refused, and not passed over", async () => {
  const wanted: WantedHypercubes = { cubeShape: [1, 16, 16, 16], numChannels: 1, channels: null };
  for (const filter of ["occupancy_threshold=0.1", "cdf_threshold=1"]) {
    const asked = databases("with_hypercubes_dataframe=false", filter);
    const message = new RegExp(`^${filter.replace("=", " is ")}, but rows are whole tiles`);
    await assert.rejects(findHypercubes(asked, wanted), { code: "CATALOGUE_FILTER", message });
  }
});

test("that a server is waited for is told", async (t) => {
  const server = createServer((socket) => socket.destroy());
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  process.env.SUPABASE_STAGING_URI = `postgresql://reader:word@127.0.0.1:${address.port}/x`;
  const notes: string[] = [];
  const config = databases("kind=supabase", "dbname=staging", "dotenv_path=null");
  const wanted: WantedHypercubes = { cubeShape: [1, 16, 16, 16], numChannels: 1, channels: null };
  const found = findHypercubes(config, wanted, { note: (text) => notes.push(text) });
  await assert.rejects(found, { code: "DATABASE_CONNECT" });
  const asked = DataQuery.ofRun(config, wanted, { note: (text) => notes.push(text) });
  const before = notes.length;
  await assert.rejects(asked, { code: "DATABASE_CONNECT" });
  assert.ok(before > 0 && notes.length > before);
  assert.ok(notes.every((note) => note.includes(`127.0.0.1:${address.port}`)));
});
