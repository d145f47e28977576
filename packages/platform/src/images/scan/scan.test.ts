import assert from "node:assert/strict";
import { appendFile, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import {
  createArray,
  createGroup,
  openArray,
  readMultiscales,
  writeMultiscales,
} from "@cell-observatory/zarr";
import fc from "fast-check";
import { CatalogueWriter, DuckDbDatabase, type HypercubeStatistics } from "../../database/index.ts";
import { importImage } from "../import/import-image.ts";
import { MovieConfig } from "../simulate/movie-config.ts";
import { simulateMovie } from "../simulate/simulate-movie.ts";
import { statisticsOf } from "./cube-statistics.ts";
import { type Grid, gridPlaces } from "./grid.ts";
import { Histogram } from "./histogram.ts";
import { type ImageRowsOptions, imageRows, scansOf } from "./image-rows.ts";
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
    await using rows = await rowsOf(path, { grids: [grid] });
    await writer.put(rows.tile, rows.hypercubes());
  };
  await list("movie.ome.zarr", { cubeShape: [2, 16, 32, 32], stride: [2, 16, 16, 16] });
  await list("stack.ome.zarr", { cubeShape: [1, 3, 8, 8], stride: null });
});
after(() => rm(folder, { recursive: true }));

async function rowsOf(path: string, options: Pick<ImageRowsOptions, "grids">) {
  const scans = scansOf(catalogue_path);
  const rows = await imageRows(path, { ...options, home: folder, scans, rereads: true });
  assert.ok(rows);
  return rows;
}

test("every row's numbers are those of the voxels that it names", async () => {
  const path = join(folder, "images", "movie.ome.zarr");
  const whole = async (array: string) => {
    const { shape } = await openArray(join(path, array));
    const voxels = await (await openArray(join(path, array))).read({
      origin: shape.map(() => 0),
      shape,
    });
    return [...voxels].map(Number);
  };
  const [counts, ids] = [await whole("0"), await whole("labels/cells/0")];
  await using database = await DuckDbDatabase.open({ catalogue_path });
  let threshold = Number.NaN;
  for await (const tile of database.tiles()) {
    if (tile.tile_name === "movie.ome.zarr") threshold = tile.occupancy_thresholds[0] ?? 0;
  }
  let numRows = 0;
  const query = { tile_list: ["movie.ome.zarr"] };
  for await (const batch of database.hypercubes(query, { channels: 1, boxes: true })) {
    for (let row = 0; row < batch.numRows; row++) {
      numRows += 1;
      const at = (t: number, z: number, y: number, x: number) =>
        (((batch.time_start[row] ?? 0) + t) * 16 + (batch.z_start[row] ?? 0) + z) * 48 * 64 +
        ((batch.y_start[row] ?? 0) + y) * 64 +
        (batch.x_start[row] ?? 0) +
        x;
      const values: number[] = [];
      const boxes: Record<string, number[]> = {};
      const ratios = [0, 1].map((t) => {
        let occupied = 0;
        for (let z = 0; z < 16; z++) {
          for (let y = 0; y < 32; y++) {
            for (let x = 0; x < 32; x++) {
              const value = counts[at(t, z, y, x)] ?? Number.NaN;
              values.push(value);
              if (value > threshold) occupied += 1;
              const id = ids[at(t, z, y, x)] ?? 0;
              if (id === 0) continue;
              const box = boxes[id] ?? [z, y, x, z + 1, y + 1, x + 1];
              boxes[id] = box.map((edge, i) => {
                const own = [z, y, x, z + 1, y + 1, x + 1][i] ?? 0;
                return i < 3 ? Math.min(edge, own) : Math.max(edge, own);
              });
            }
          }
        }
        return occupied / (16 * 32 * 32);
      });
      values.sort((p, q) => p - q);
      for (const percent of [80, 90, 95, 99] as const) {
        const wanted = values[Math.ceil((percent / 100) * values.length) - 1];
        assert.equal(batch.statistics[`cdf_${percent}_ch_0`]?.[row], wanted);
      }
      assert.equal(batch.statistics.min_occupancy_ratios_ch_0?.[row], Math.min(...ratios));
      assert.deepEqual(JSON.parse(batch.boxes?.[row] ?? "{}"), { 1: boxes });
    }
  }
  assert.equal(numRows, 2 * 3);
});

test("an image that has not changed is not read again, one that has is listed anew", async () => {
  const path = join(folder, "images", "again.ome.zarr");
  await importImage(join(import.meta.dirname, "../tiff/fixtures/none.tif"), path);
  const options = {
    grids: [{ cubeShape: [1, 5, 9, 9], stride: null }] as const,
    home: folder,
    scans: join(folder, "again.scans"),
  };
  const isRead = async (others: Partial<ImageRowsOptions>) => {
    await using rows = await imageRows(path, { ...options, ...others });
    return rows !== null;
  };
  {
    await using first = await imageRows(path, options);
    await first?.settle();
  }
  assert.equal(await isRead({}), false);
  assert.equal(await isRead({ grids: [{ cubeShape: [1, 5, 8, 9], stride: null }] }), true);
  const array = await openArray(join(path, "0"));
  const region = { origin: [0, 0, 0, 0, 0], shape: [1, 1, 1, 1, 1] };
  await array.write(Uint16Array.of(60_000), region);
  assert.equal(await isRead({}), true);
});

test("a scan that was stopped goes on where it was, and gives the same rows", async () => {
  const path = join(folder, "images", "movie.ome.zarr");
  const collect = async (scan: ReturnType<typeof imageRows>) => {
    await using rows = await scan;
    assert.ok(rows);
    const all: HypercubeStatistics[] = [];
    for await (const row of rows.hypercubes()) all.push(row);
    return { all, tile: rows.tile };
  };
  const options = {
    grids: [{ cubeShape: [1, 8, 16, 24], stride: [1, 4, 8, 16] }] as const,
    home: folder,
    memoryBytes: 2 ** 18,
  };
  const at = (name: string) => ({ ...options, scans: join(folder, name) });
  const whole = await collect(imageRows(path, at("whole.scans")));
  const stop = new AbortController();
  let most = 0;
  const stopped = imageRows(path, {
    ...at("stopped.scans"),
    signal: stop.signal,
    onProgress: (done) => {
      most = done;
      if (done > 0.3) stop.abort(new Error("enough"));
    },
  });
  await assert.rejects(stopped, /enough/);
  assert.ok(most < 1, "the scan is of several cells");
  const [log = ""] = await readdir(join(folder, "stopped.scans"));
  await appendFile(join(folder, "stopped.scans", log), "half a record");
  let least = 1;
  const rest = imageRows(path, {
    ...at("stopped.scans"),
    onProgress: (done) => {
      least = Math.min(least, done);
    },
  });
  assert.deepEqual(await collect(rest), whole);
  assert.ok(least > most, `${least} ${most}`);
  const large = imageRows(path, { ...at("large.scans"), memoryBytes: 2 ** 29 });
  const byPlace = (rows: readonly HypercubeStatistics[]) =>
    rows.map((row) => JSON.stringify(row)).sort();
  assert.deepEqual(byPlace((await collect(large)).all), byPlace(whole.all));
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
  const options = { grids: [{ cubeShape: [1, 5, 9, 9], stride: null }] } as const;
  const image = await readMultiscales(path);
  await createGroup(path, { attributes: { cello: null } });
  const minutes = { name: "t", type: "time", unit: "minute" } as const;
  await writeMultiscales(path, { ...image, axes: [minutes, ...image.axes.slice(1)] });
  const tileOf = async () => {
    await using rows = await rowsOf(path, options);
    return rows.tile;
  };
  assert.equal((await tileOf()).frame_interval_s, 60);
  await writeMultiscales(path, image);
  const odd = join(folder, "odd.duckdb");
  await using writer = await CatalogueWriter.open(odd);
  assert.equal((await tileOf()).hpf, null);
  const datasets = image.datasets.map((dataset) => ({ ...dataset, scale: [1, 1, 0, 1, 1] }));
  await writeMultiscales(path, { ...image, datasets });
  await using rows = await rowsOf(path, options);
  await assert.rejects(writer.put(rows.tile, rows.hypercubes()), {
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
  await using rows = await rowsOf(path, { grids });
  assert.equal(rows.missingChunks, gone.length);
});

test("labels of other voxels than the image's are not listed, and why is said", async () => {
  const path = join(folder, "images", "half.ome.zarr");
  const movie = MovieConfig.parse({ shape: [1, 16, 32, 32, 1], seed: 3 });
  await simulateMovie(movie, path, { numThreads: 1 });
  const grids = [{ cubeShape: [1, 8, 32, 32], stride: null }] as const;
  {
    await using rows = await rowsOf(path, { grids });
    assert.deepEqual([rows.tile.labels_path, rows.whyNoLabels], ["labels/cells", null]);
  }
  const shape = [1, 1, 8, 16, 16];
  const layout = { shape, chunkShape: shape, dtype: "uint16", overwrite: true } as const;
  await createArray(join(path, "labels/cells/0"), layout);
  await using rows = await rowsOf(path, { grids });
  assert.equal(rows.tile.labels_path, null);
  assert.equal(
    rows.whyNoLabels,
    "labels/cells is 1 x 8 x 16 x 16 x 1 (T Z Y X C), and the image needs 1 x 16 x 32 x 32 x 1",
  );
  for await (const { mask_bbox_dict } of rows.hypercubes()) assert.equal(mask_bbox_dict, null);
});

test("percentiles and occupancy agree with sorting and counting, for any voxels", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 65535 }), { minLength: 4, maxLength: 60 }),
      (list) => {
        const voxels = Uint16Array.from(list.slice(0, list.length - (list.length % 4)));
        const thresholds = [300, 40000];
        const pairsOf = (frame: number, c: number) => {
          const histogram = new Histogram();
          const own = voxels
            .filter((_, i) => i % 2 === c)
            .filter((_, i) => Math.floor(i / (voxels.length / 4)) === frame);
          histogram.addRow(own, 0, own.length);
          return histogram.pairs();
        };
        const histograms = [0, 1].map((c) => [0, 1].map((frame) => pairsOf(frame, c)));
        const place = {
          ...{ time_start: 0, z_start: 0, y_start: 0, x_start: 0 },
          ...{ time_size: 2, z_size: 1, y_size: 1, x_size: voxels.length / 4 },
        };
        const { cdf_95, occupancy_ratios } = statisticsOf(
          { histograms, boxes: null },
          place,
          thresholds,
        );
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
