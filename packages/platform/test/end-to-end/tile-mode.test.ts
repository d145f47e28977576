import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { DuckDbDatabase, HypercubeTable } from "../../src/database/index.ts";
import { startCello } from "./cello-process.ts";
import { smallData, smallRun } from "./small-data.ts";

const ofTiles = [...smallRun, "datasets.databases.with_hypercubes_dataframe=false"];

test("a run of whole tiles trains on hypercubes that lie in them, also larger than the tile", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "cello-tiles-"));
  t.after(() => rm(folder, { recursive: true }));
  const [runs, data] = [join(folder, "runs"), join(folder, "data")];
  await smallData(data);
  const cello = (...words: readonly string[]) => startCello(words, { runs, data }).ended;

  const asked = await cello("data", "query", ...ofTiles);
  assert.match(asked.stdout, /blobs\.ome\.zarr +0 0 0 0 +1 x 12 x 48 x 32\n1 tile$/m, asked.stderr);
  const explained = await cello("data", "query", ...ofTiles, "--explain");
  assert.match(explained.stdout, /^all +0 +1\nnum_channels=1 +0 +1\n$/m, explained.stderr);

  const trained = await cello("train", ...ofTiles, "trainer.epochs=2");
  assert.equal(trained.code, 0, trained.stderr);
  const saved = join(runs, "nuclei_mae", "data");
  const { rows_file } = JSON.parse(await readFile(join(saved, "hypercubes.json"), "utf8"));
  await using database = await DuckDbDatabase.open({ catalogue_path: join(saved, rows_file) });
  const { numRows, shapes } = await HypercubeTable.from(database.hypercubes({}));
  assert.deepEqual([numRows, shapes], [5 * 5 * 3, [[1, 4, 16, 16]]]); // starts along z, y, x

  const larger = ["datasets.input_shape=[16,16,16,1]", `paths.outdir=${join(runs, "larger")}`];
  const padded = await cello("train", ...ofTiles, ...larger, "trainer.epochs=1");
  assert.equal(padded.code, 0, padded.stderr);

  const refused = await cello("train", ...ofTiles, "datasets.databases.cdf_threshold=1", "--fresh");
  assert.equal(refused.code, 3);
  assert.match(refused.stderr, /CATALOGUE_FILTER: cdf_threshold is 1, but rows are whole tiles/);
});
