import assert from "node:assert/strict";
import {
  appendFile,
  mkdir,
  mkdtemp,
  readFile,
  rm,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createArray, openArray, writeMultiscales } from "@cell-observatory/zarr";
import { CatalogueWriter, DuckDbDatabase } from "../../database/index.ts";
import { imageRows } from "../scan/image-rows.ts";
import { MovieConfig } from "../simulate/movie-config.ts";
import { simulateMovie } from "../simulate/simulate-movie.ts";
import { type CheckOptions, checkImages, type ImageToCheck } from "./check-images.ts";
import { catalogueImages, imagesAt } from "./images-to-check.ts";
import { Quarantine, writeQuarantine } from "./quarantine.ts";

async function inFolder(act: (folder: string, movie: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "cello-check-"));
  try {
    const movie = join(folder, "movie.ome.zarr");
    const config = MovieConfig.parse({ shape: [3, 32, 128, 64, 1], seed: 2 });
    await simulateMovie(config, movie, { numThreads: 1 });
    await act(folder, movie);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function check(images: readonly ImageToCheck[], options: Partial<CheckOptions> = {}) {
  const reports = [];
  for await (const report of checkImages(images, { progressPath: null, ...options })) {
    reports.push(report);
  }
  return reports;
}

const kinds = (reports: Awaited<ReturnType<typeof check>>) =>
  reports.flatMap(({ findings }) => findings.map(({ kind }) => kind));

test("a whole image is read whole, and nothing is wrong with it", async () => {
  await inFolder(async (folder, movie) => {
    const [report] = await check(await imagesAt(folder));
    assert.deepEqual(report?.findings, []);
    const { shape, chunkShape } = await openArray(join(movie, "0"));
    const chunks = shape.reduce((n, size, i) => n * Math.ceil(size / (chunkShape[i] ?? 1)), 1);
    assert.equal(report?.chunks, 2 * chunks);
  });
});

test("one changed byte, and one missing file, are found with array and chunk; rows there are left out", async () => {
  await inFolder(async (folder, movie) => {
    const catalogue = join(folder, "catalogue.duckdb");
    await using rows = await imageRows(movie, {
      grids: [{ cubeShape: [1, 16, 64, 64], stride: null }],
      home: folder,
      scans: join(folder, "scans"),
    });
    assert.ok(rows);
    {
      await using writer = await CatalogueWriter.open(catalogue);
      await writer.put(rows.tile, rows.hypercubes());
    }
    assert.deepEqual(kinds(await check(await catalogueImages(catalogue))), []);
    const shard = join(movie, "0", "c", "1", "0", "0", "0", "0");
    const bytes = await readFile(shard);
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    await writeFile(shard, bytes);
    await rm(join(movie, "0", "c", "2"), { recursive: true });
    const reports = await check(await catalogueImages(catalogue));
    const [damaged, ...others] = reports[0]?.findings ?? [];
    assert.equal(damaged?.kind, "damaged");
    assert.deepEqual(damaged?.region?.origin, [1, 0, 0, 0]);
    assert.deepEqual(damaged?.region?.shape, [1, 16, 64, 64]);
    assert.deepEqual(damaged?.chunk, [1, 0, 0, 0, 0]);
    assert.match(damaged?.reason ?? "", /crc32c/i);
    const missing = others.filter(({ kind }) => kind === "missing");
    assert.equal(missing.length, 2 * 2);
    assert.ok(missing.every(({ region }) => region?.origin[0] === 2));
    assert.ok(others.some(({ kind }) => kind === "labels-outside"));

    const file = join(folder, "quarantine.json");
    assert.equal(writeQuarantine(file, reports), 1);
    const left = await rowsLeft(catalogue, file);
    assert.equal(left.length, 3 * 2 * 2 - 1);
    assert.ok(!left.includes("1,0,0,0"));
    writeQuarantine(file, reports, { isStrict: true }); // nothing of frame 2 is there
    assert.ok((await rowsLeft(catalogue, file)).every((place) => !place.startsWith("2,")));
    // The image has another name, and none in a catalogue, where a folder of links is checked.
    await mkdir(join(folder, "links"));
    await symlink(movie, join(folder, "links", "another.ome.zarr"));
    writeQuarantine(file, await check(await imagesAt(join(folder, "links"))));
    assert.deepEqual(await rowsLeft(catalogue, file), left);
  });
});

/** Where the rows of a catalogue begin that a quarantine leaves. */
async function rowsLeft(catalogue: string, file: string): Promise<readonly string[]> {
  const quarantine = await Quarantine.read(file);
  await using database = await DuckDbDatabase.open({ catalogue_path: catalogue });
  const places: string[] = [];
  let [removed, all] = [0, 0];
  const counted = async function* () {
    for await (const batch of database.hypercubes({})) {
      all += batch.numRows;
      yield batch;
    }
  };
  const kept = quarantine.without(counted(), (count) => {
    removed += count;
  });
  for await (const { numRows, time_start, z_start, y_start, x_start } of kept) {
    for (let i = 0; i < numRows; i++) {
      places.push([time_start[i], z_start[i], y_start[i], x_start[i]].join());
    }
  }
  assert.equal(removed, all - places.length);
  return places;
}

test("a shard that is cut, and an image that cannot be opened, end nothing", async () => {
  await inFolder(async (folder, movie) => {
    await truncate(join(movie, "0", "c", "0", "0", "0", "0", "0"), 50);
    await check(await imagesAt(folder));
    const found = kinds(await check(await imagesAt(movie)));
    assert.equal(found.filter((kind) => kind === "damaged").length, 4);
    await writeFile(join(movie, "0", "zarr.json"), "{");
    const [report] = await check([{ id: null, path: movie, claims: async function* () {} }]);
    assert.equal(report?.findings[0]?.kind, "unreadable");
    const file = join(folder, "q.json");
    writeQuarantine(file, report ? [report] : []);
    assert.match(await readFile(file, "utf8"), /"origin": null/);
  });
});

test("planes of one value, too bright ones and what is not finite are named by frame, channel and plane", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "odd.ome.zarr");
    await writeMultiscales(path, {
      version: "0.5",
      axes: [..."czyx"].map((name) => ({ name, type: name === "c" ? "channel" : "space" })),
      datasets: [{ path: "0", scale: [1, 1, 1, 1], translation: [0, 0, 0, 0] }],
    });
    const shape = [2, 6, 8, 8];
    const layout = { shape, chunkShape: [1, 4, 8, 8], dtype: "float32" as const };
    const array = await createArray(join(path, "0"), layout);
    const voxels = Float32Array.from({ length: 2 * 6 * 64 }, (_, i) => i);
    voxels.fill(7, 64 * 2, 64 * 4); // channel 0, planes 2 and 3
    voxels.fill(7, 64 * 5, 64 * 6); // and 5
    voxels[64 * 7] = Number.NaN; // channel 1, plane 1
    voxels[64 * 9] = Number.NEGATIVE_INFINITY; // and plane 3
    await array.write(voxels, { origin: [0, 0, 0, 0], shape });
    const [report] = await check(await imagesAt(path));
    assert.deepEqual(
      report?.findings.map(({ kind, reason }) => [kind, reason]),
      [
        ["constant", "frame 0: channel 0, planes 2-3, 5 hold nothing but 7"],
        ["not-a-number", "frame 0: channel 1, planes 1, 3 hold values that are no finite numbers"],
      ],
    );
  });
});

test("labels of another shape, and boxes that they do not have, are found", async () => {
  await inFolder(async (_, movie) => {
    const region = { origin: [0, 0, 0, 0], shape: [1, 16, 64, 64] } as const;
    const boxes = JSON.stringify({ 1: { 99999: [0, 0, 0, 1, 1, 1] } });
    async function* claims() {
      yield { region, boxes };
    }
    const id = { prepared_id: "movie", tile_name: "movie.ome.zarr" };
    const [report] = await check([{ id, path: movie, claims }]);
    assert.deepEqual(kinds(report ? [report] : []), ["boxes"]);
    assert.match(
      report?.findings[0]?.reason ?? "",
      /^1 cells of mask_bbox_dict have no voxel \(99999\); \d+ cells are not in mask_bbox_dict/,
    );
    const shape = [3, 1, 32, 128, 32];
    await createArray(join(movie, "labels/cells/0"), {
      shape,
      chunkShape: shape,
      dtype: "uint16",
      overwrite: true,
    });
    assert.ok(kinds(await check(await imagesAt(movie))).includes("labels-shape"));
  });
});

test("a check that was stopped goes on where it was", async () => {
  await inFolder(async (folder, movie) => {
    const progressPath = join(folder, "check.jsonl");
    const stop = new AbortController();
    const stopped = check(await imagesAt(movie), {
      progressPath,
      signal: stop.signal,
      onProgress: (_, done) => {
        if (done > 0.3) stop.abort(new Error("enough"));
      },
    });
    await assert.rejects(stopped, /enough/);
    const lines = (await readFile(progressPath, "utf8")).trim().split("\n");
    assert.ok(lines.length >= 1 && lines.length < 6, `${lines.length}`);
    const [first = ""] = lines;
    // What is noted counts: a note that is changed by hand is believed.
    const note = JSON.parse(first);
    const others = `${JSON.stringify({ ...note, chunks: 1000 })}\n{"slab": "cut o`;
    await writeFile(progressPath, "");
    await appendFile(progressPath, others);
    const [report] = await check(await imagesAt(movie), { progressPath });
    assert.ok((report?.chunks ?? 0) > 1000);
    await assert.rejects(readFile(progressPath), { code: "ENOENT" });
  });
});
