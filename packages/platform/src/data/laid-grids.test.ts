import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { CatalogueWriter } from "../database/index.ts";
import { imageRows, importImage, MovieConfig, scansOf, simulateMovie } from "../images/index.ts";
import { findHypercubes, type WantedHypercubes } from "./find-hypercubes.ts";

let folder = "";
let catalogue_path = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "cello-laid-grids-"));
  catalogue_path = join(folder, "catalogue.duckdb");
  const movie = MovieConfig.parse({ shape: [2, 16, 48, 64, 1], seed: 1 });
  await simulateMovie(movie, join(folder, "images", "movie.ome.zarr"), { numThreads: 1 });
  const stack = join(import.meta.dirname, "../images/tiff/fixtures/ome.tif");
  await importImage(stack, join(folder, "images", "stack.ome.zarr"));
  const sizes = { movie: [2, 16, 32, 32], stack: [1, 3, 8, 8] } as const;
  const strides = { movie: [2, 16, 16, 16], stack: null } as const;
  await using writer = await CatalogueWriter.open(catalogue_path);
  for (const name of ["movie", "stack"] as const) {
    await using rows = await rowsOf(`${name}.ome.zarr`, [
      { cubeShape: sizes[name], stride: strides[name] },
    ]);
    await writer.put(rows.tile, rows.hypercubes());
  }
});
after(() => rm(folder, { recursive: true }));

async function rowsOf(name: string, grids: Parameters<typeof imageRows>[1]["grids"]) {
  const scans = scansOf(catalogue_path);
  const path = join(folder, "images", name);
  const rows = await imageRows(path, { grids, home: folder, scans, rereads: true });
  assert.ok(rows);
  return rows;
}

const nothing = {
  kind: "duckdb",
  server_folder_path: null,
  quarantine_path: null,
  max_rois: null,
  max_tiles: null,
  max_hypercubes: null,
  roi_list: null,
  tile_list: null,
  timepoint_list: null,
  hpf_list: null,
  occupancy_threshold: null,
  occupancy_threshold_filter_type: "min_ch0",
  cdf_threshold: null,
  cdf_threshold_filter_type: "min_ch0",
  cdf_target: 90,
  synthetic_only: null,
  has_annotations: false,
  location: "auto",
  incomplete_hypercubes: "drop",
  dbname: "prod",
  dotenv_path: null,
  base_cube_size_x: 128,
  base_cube_size_y: 128,
  base_cube_size_z: 128,
  use_cached_hypercubes_dataframe: false,
  hypercubes_dataframe_path: null,
  with_hypercubes_dataframe: true,
  mask_channel_idx: null,
} as const;

test("a shape that the catalogue lacks is laid over its tiles, unless a filter needs its numbers", async () => {
  const wanted: WantedHypercubes = { cubeShape: [1, 8, 24, 24], numChannels: 1, channels: null };
  const config = { ...nothing, catalogue_path };
  const records = [...(await findHypercubes(config, wanted)).records()];
  assert.ok(records.length > 20);
  assert.ok(
    records.every(({ tile_name, z_size }) => tile_name === "movie.ome.zarr" && z_size === 8),
  );
  const limited = await findHypercubes({ ...config, max_hypercubes: 3 }, wanted);
  assert.deepEqual([...limited.records()], records.slice(0, 3));
  await assert.rejects(findHypercubes({ ...config, occupancy_threshold: 0.1 }, wanted), {
    code: "DATA_EMPTY",
    message:
      /has no hypercube of 1 x 8 x 24 x 24 \(T Z Y X\) with 1 channels .* it has .*2 x 16 x 32 x 32 \(\d+\)/,
  });
});

test("hypercubes of a smaller grid are no cut ones of a larger", async () => {
  const two = join(folder, "two-grids.duckdb");
  const grids = [12, 8].map((z) => ({ cubeShape: [1, z, 48, 64], stride: null }) as const);
  await using rows = await rowsOf("movie.ome.zarr", grids); // 16 planes
  const { tile, hypercubes } = rows;
  {
    await using writer = await CatalogueWriter.open(two);
    await writer.put(tile, hypercubes());
  }
  const wanted: WantedHypercubes = { cubeShape: [1, 12, 48, 64], numChannels: 1, channels: null };
  const found = [...(await findHypercubes({ ...nothing, catalogue_path: two }, wanted)).records()];
  assert.deepEqual(
    [...new Set(found.map(({ z_start, z_size }) => `${z_start}: ${z_size}`))],
    ["0: 12", "4: 12"],
  );
});

test("hypercubes with other channels than the config's are not given out", async () => {
  const wanted: WantedHypercubes = { cubeShape: [1, 3, 8, 8], numChannels: 2, channels: null };
  const config = { ...nothing, catalogue_path };
  assert.equal((await findHypercubes(config, wanted)).numRows, 2 * 2 * 2);
  // The movie, of one channel, comes first in the catalogue, and takes no part in the limit.
  const laid: WantedHypercubes = { ...wanted, cubeShape: [1, 2, 8, 8] };
  const first = await findHypercubes({ ...config, max_hypercubes: 1, max_tiles: 1 }, laid);
  assert.deepEqual(
    [...first.records()].map(({ tile_name }) => tile_name),
    ["stack.ome.zarr"],
  );
  const one = { ...wanted, numChannels: 1, channels: [1] };
  assert.equal((await findHypercubes(config, one)).numRows, 2 * 2 * 2);
  await assert.rejects(findHypercubes(config, { ...wanted, numChannels: 3 }), {
    code: "DATA_EMPTY",
  });
  await assert.rejects(findHypercubes(config, { ...one, channels: [2] }), { code: "DATA_EMPTY" });
});
