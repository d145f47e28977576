import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import {
  createArray,
  createGroup,
  readMultiscales,
  writeMultiscales,
} from "@cell-observatory/zarr";
import fc from "fast-check";
import { CatalogueWriter, DuckDbDatabase, type HypercubeRecord } from "../../database/index.ts";
import { findHypercubes, type WantedHypercubes } from "../find-hypercubes.ts";
import { importImage } from "../import/import-image.ts";
import { MovieConfig } from "../simulate/movie-config.ts";
import { simulateMovie } from "../simulate/simulate-movie.ts";
import { HypercubeSource } from "../source/hypercube-source.ts";
import { cubeStatistics } from "./cube-statistics.ts";
import { type Grid, gridPlaces } from "./grid.ts";
import { imageRows } from "./image-rows.ts";
import { occupancyThreshold } from "./occupancy-threshold.ts";

let folder = "";
let catalogue_path = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "cello-catalogue-"));
  catalogue_path = join(folder, "catalogue.duckdb");
  const movie = MovieConfig.parse({ shape: [2, 16, 48, 64, 1], seed: 1 });
  await simulateMovie(movie, join(folder, "images", "movie.ome.zarr"), { numThreads: 1 });
  const stack = join(import.meta.dirname, "../tiff/fixtures/ome.tif");
  await importImage(stack, join(folder, "images", "stack.ome.zarr"));
  await using writer = await CatalogueWriter.open(catalogue_path);
  const list = async (name: string, grid: Grid) => {
    const path = join(folder, "images", name);
    const { tile, hypercubes } = await imageRows(path, { grids: [grid], home: folder });
    await writer.put(tile, hypercubes);
  };
  await list("movie.ome.zarr", { cubeShape: [2, 16, 32, 32], stride: [2, 16, 16, 16] });
  await list("stack.ome.zarr", { cubeShape: [1, 3, 8, 8], stride: null });
});
after(() => rm(folder, { recursive: true }));

async function rows(): Promise<HypercubeRecord[]> {
  await using database = await DuckDbDatabase.open({ catalogue_path });
  const found: HypercubeRecord[] = [];
  for await (const row of database.hypercubes({})) found.push(row);
  return found;
}

test("a row's numbers are those of the voxels that it names", async () => {
  const [first] = (await rows()).filter(({ tile_name }) => tile_name === "movie.ome.zarr");
  assert.ok(first);
  const source = new HypercubeSource({
    cubeShape: [2, 16, 32, 32],
    channels: null,
    numChannels: 1,
    missingChunks: "error",
  });
  const voxels = new Uint16Array(new SharedArrayBuffer(2 * 2 * 16 * 32 * 32));
  const origin = [first.time_start, first.z_start, first.y_start, first.x_start] as const;
  await source.read({ index: 0, record: first, origin }, voxels);
  const sorted = [...voxels].sort((a, b) => a - b);
  for (const percent of [80, 90, 95, 99] as const) {
    const wanted = sorted[Math.ceil((percent / 100) * sorted.length) - 1];
    assert.deepEqual(first[`cdf_${percent}`], [wanted]);
  }
  assert.equal(first.occupancy_ratios[0]?.length, 2);
  assert.ok(first.occupancy_ratios[0]?.every((ratio) => ratio > 0.02 && ratio < 0.7));
});

test("the catalogue says what the images are", async () => {
  await using database = await DuckDbDatabase.open({ catalogue_path });
  const tiles = [];
  for await (const tile of database.tiles()) tiles.push(tile);
  const [movie, stack] = tiles;
  assert.equal(movie?.prepared_id, "movie");
  assert.equal(movie?.is_synthetic, true);
  assert.equal(movie?.labels_path, "labels/cells");
  assert.equal(movie?.tracks_path, "tracks.csv");
  assert.equal(movie?.hpf, 5);
  assert.equal(movie?.server_folder, folder);
  assert.equal(movie?.output_folder, "images");
  assert.deepEqual([stack?.z_um, stack?.channel_size, stack?.frame_interval_s], [0.8, 2, 90]);
  assert.equal(stack?.is_synthetic, false);
});

const nothing = {
  kind: "duckdb",
  server_folder_path: null,
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
} as const;

test("a shape that the catalogue lacks is laid over its tiles, unless a filter needs its numbers", async () => {
  const wanted: WantedHypercubes = { cubeShape: [1, 8, 24, 24], numChannels: 1, channels: null };
  const config = { ...nothing, catalogue_path };
  const records = await findHypercubes(config, wanted);
  assert.ok(records.length > 20);
  assert.ok(
    records.every(({ tile_name, z_size }) => tile_name === "movie.ome.zarr" && z_size === 8),
  );
  const limited = await findHypercubes({ ...config, max_hypercubes: 3 }, wanted);
  assert.deepEqual(limited, records.slice(0, 3));
  await assert.rejects(findHypercubes({ ...config, occupancy_threshold: 0.1 }, wanted), {
    code: "DATA_EMPTY",
    message:
      /has no hypercube of 1 x 8 x 24 x 24 \(T Z Y X\) with 1 channels .* it has .*2 x 16 x 32 x 32 \(\d+\)/,
  });
});

test("hypercubes with other channels than the config's are not given out", async () => {
  const wanted: WantedHypercubes = { cubeShape: [1, 3, 8, 8], numChannels: 2, channels: null };
  const config = { ...nothing, catalogue_path };
  assert.equal((await findHypercubes(config, wanted)).length, 2 * 2 * 2);
  // The movie, of one channel, comes first in the catalogue, and takes no part in the limit.
  const laid: WantedHypercubes = { ...wanted, cubeShape: [1, 2, 8, 8] };
  const first = await findHypercubes({ ...config, max_hypercubes: 1, max_tiles: 1 }, laid);
  assert.deepEqual(
    first.map(({ tile_name }) => tile_name),
    ["stack.ome.zarr"],
  );
  const one = { ...wanted, numChannels: 1, channels: [1] };
  assert.equal((await findHypercubes(config, one)).length, 2 * 2 * 2);
  await assert.rejects(findHypercubes(config, { ...wanted, numChannels: 3 }), {
    code: "DATA_EMPTY",
  });
  await assert.rejects(findHypercubes(config, { ...one, channels: [2] }), { code: "DATA_EMPTY" });
});

test("a grid covers every voxel with whole hypercubes, and none when the image is too small", () => {
  const size = fc.integer({ min: 1, max: 12 });
  const sizes = fc.tuple(size, size, size, size);
  fc.assert(
    fc.property(sizes, sizes, (shape, cubeShape) => {
      const places = gridPlaces(shape, { cubeShape, stride: null });
      const fits = cubeShape.every((edge, axis) => edge <= (shape[axis] ?? 0));
      assert.equal(places.length > 0, fits);
      for (const { x_start, x_size } of places) assert.ok(x_start + x_size <= shape[3]);
      if (!fits) return;
      const covered = new Set(
        places.flatMap(({ z_start }) => [...Array(cubeShape[1]).keys()].map((z) => z_start + z)),
      );
      assert.equal(covered.size, shape[1]);
      assert.equal(new Set(places.map((place) => JSON.stringify(place))).size, places.length);
    }),
  );
});

test("a grid of more places than can be listed is refused before it is listed", () => {
  const vast = [2 ** 50, 2 ** 20, 2 ** 20, 2 ** 20];
  const grid = { cubeShape: [1, 1, 1, 1], stride: null } as const;
  assert.throws(() => gridPlaces(vast, grid), { code: "DATA_SHAPE", message: /at most 10\^7/ });
});

test("an image with odd notes is listed, one with an impossible voxel is refused by name", async () => {
  const path = join(folder, "images", "odd.ome.zarr");
  await importImage(join(import.meta.dirname, "../tiff/fixtures/none.tif"), path, {
    voxelSizeUm: [1, 1, 1],
  });
  const options = { grids: [{ cubeShape: [1, 5, 9, 9], stride: null }], home: folder } as const;
  const image = await readMultiscales(path);
  await createGroup(path, { attributes: { cello: null } });
  const minutes = { name: "t", type: "time", unit: "minute" } as const;
  await writeMultiscales(path, { ...image, axes: [minutes, ...image.axes.slice(1)] });
  assert.equal((await imageRows(path, options)).tile.frame_interval_s, 60);
  await writeMultiscales(path, image);
  const odd = join(folder, "odd.duckdb");
  await using writer = await CatalogueWriter.open(odd);
  assert.equal((await imageRows(path, options)).tile.hpf, null);
  const datasets = image.datasets.map((dataset) => ({ ...dataset, scale: [1, 1, 0, 1, 1] }));
  await writeMultiscales(path, { ...image, datasets });
  const rows = await imageRows(path, options);
  await assert.rejects(writer.put(rows.tile, rows.hypercubes), {
    code: "CATALOGUE_ROW",
    message: /odd\/odd\.ome\.zarr cannot be listed: .*z_um/s,
  });
});

test("chunks that are not there are counted once, however deep they are", async () => {
  const path = join(folder, "images", "gaps.ome.zarr");
  await createGroup(path, { attributes: {} });
  await writeMultiscales(path, {
    version: "0.5",
    axes: [..."tzyx"].map((name) => ({ name, type: name === "t" ? "time" : "space" })),
    datasets: [{ path: "0", scale: [1, 1, 1, 1], translation: [0, 0, 0, 0] }],
  });
  const shape = [3, 130, 8, 8];
  const layout = { shape, chunkShape: [2, 100, 4, 8], dtype: "uint16" } as const;
  const array = await createArray(join(path, "0"), layout);
  const voxels = new Uint16Array(3 * 130 * 64).fill(7);
  await array.write(voxels, { origin: [0, 0, 0, 0], shape });
  const gone = ["0/0/1/0", "1/1/0/0"];
  for (const chunk of gone) await rm(join(path, "0", "c", ...chunk.split("/")));
  const grids = [{ cubeShape: [1, 16, 8, 8], stride: null }] as const;
  const { missingChunks } = await imageRows(path, { grids, home: folder });
  assert.equal(missingChunks, gone.length);
});

test("percentiles and occupancy agree with sorting and counting, for any voxels", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 65535 }), { minLength: 4, maxLength: 60 }),
      (list) => {
        const voxels = Uint16Array.from(list.slice(0, list.length - (list.length % 4)));
        const thresholds = [300, 40000];
        const { cdf_95, occupancy_ratios } = cubeStatistics(voxels, { numFrames: 2, thresholds });
        thresholds.forEach((threshold, c) => {
          const channel = [...voxels].filter((_, i) => i % 2 === c);
          const sorted = [...channel].sort((a, b) => a - b);
          assert.equal(cdf_95[c], sorted[Math.ceil(0.95 * sorted.length) - 1]);
          const half = channel.length / 2;
          const ratio = (frame: number) =>
            channel.slice(frame * half, (frame + 1) * half).filter((v) => v > threshold).length /
            half;
          assert.deepEqual(occupancy_ratios[c], [ratio(0), ratio(1)]);
        });
      },
    ),
  );
});

test("the threshold of occupancy parts dark from bright; one value alone is never occupied", () => {
  const histogram = new Float64Array(65536);
  histogram.fill(50, 90, 110);
  histogram.fill(10, 800, 900);
  const threshold = occupancyThreshold(histogram);
  assert.ok(threshold >= 109 && threshold < 800, `${threshold}`);
  const flat = new Float64Array(65536);
  flat[7] = 100;
  assert.equal(occupancyThreshold(flat), 65535);
});
