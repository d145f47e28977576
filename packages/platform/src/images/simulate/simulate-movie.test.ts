import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { openArray, readLabelNames, readMultiscales, voxelSizeUm } from "@cell-observatory/zarr";
import { MovieConfig } from "./movie-config.ts";
import { simulateMovie } from "./simulate-movie.ts";

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "cello-movie-"));
});
after(() => rm(folder, { recursive: true }));

const config = MovieConfig.parse({ shape: [2, 20, 72, 80, 1], seed: 3 });
const [T, Z, Y, X] = config.shape;
const everything = { origin: [0, 0, 0, 0, 0], shape: [T, 1, Z, Y, X] };

async function voxelsOf(path: string, array: string) {
  return (await openArray(join(path, array))).read(everything);
}

test("threads, memory and blocks do not change a voxel, a label or a track", async () => {
  const [one, many] = [join(folder, "one.ome.zarr"), join(folder, "many.ome.zarr")];
  await simulateMovie(config, one, { numThreads: 1 });
  await simulateMovie(config, many, { numThreads: 2, memoryBytes: 2 ** 21 });
  assert.notDeepEqual(
    (await openArray(join(one, "0"))).shardShape,
    (await openArray(join(many, "0"))).shardShape,
  );
  for (const array of ["0", "labels/cells/0"]) {
    assert.deepEqual(await voxelsOf(many, array), await voxelsOf(one, array));
  }
  const tracks = (path: string) => readFileSync(join(path, "tracks.csv"), "utf8");
  assert.equal(tracks(many), tracks(one));
});

test("a movie is an OME-Zarr image with labels, tracks and the size of its voxels", async () => {
  const path = join(folder, "image.ome.zarr");
  const { numCells } = await simulateMovie(config, path, { numThreads: 1 });
  const image = await readMultiscales(path);
  assert.deepEqual(image.axes.map(({ name }) => name).join(""), "tczyx");
  assert.deepEqual([...voxelSizeUm(image)], [0.8, 0.4, 0.4]);
  assert.deepEqual(await readLabelNames(path), ["cells"]);
  const [head = "", ...rows] = readFileSync(join(path, "tracks.csv"), "utf8").trim().split("\n");
  assert.ok(head.startsWith("id,parent,t,z,y,x,"));
  assert.equal(new Set(rows.map((row) => row.split(",")[0])).size, numCells);
  const labels = new Set((await voxelsOf(path, "labels/cells/0")) as Uint32Array);
  const tracked = new Set([0, ...rows.map((row) => Number(row.split(",")[0]))]);
  assert.ok([...labels].every((id) => tracked.has(id)));
  assert.ok(labels.size > 5);
});

test("a movie that is cancelled leaves nothing behind; one that exists is not written over", async () => {
  const path = join(folder, "cancelled.ome.zarr");
  const stop = new AbortController();
  const onProgress = () => stop.abort(new Error("enough"));
  const options = { numThreads: 1, signal: stop.signal, onProgress, memoryBytes: 2 ** 20 };
  await assert.rejects(simulateMovie(config, path, options), /enough/);
  assert.deepEqual(
    (await readdir(folder)).filter((name) => name.startsWith("cancelled")),
    [],
  );
  await assert.rejects(simulateMovie(config, join(folder, "one.ome.zarr")), {
    code: "DATA_EXISTS",
  });
});

test("a movie that is larger than its memory is streamed to disk", async () => {
  const path = join(folder, "large.ome.zarr");
  const script = `
    import { simulateMovie } from ${JSON.stringify(import.meta.resolve("./simulate-movie.ts"))};
    import { MovieConfig } from ${JSON.stringify(import.meta.resolve("./movie-config.ts"))};
    const options = { numThreads: 1, memoryBytes: 6 * 2 ** 20 };
    const small = MovieConfig.parse({ shape: [1, 16, 64, 64, 1] });
    await simulateMovie(small, ${JSON.stringify(join(folder, "warm.ome.zarr"))}, options);
    const before = process.resourceUsage().maxRSS;
    const movie = MovieConfig.parse({ shape: [24, 32, 192, 192, 1] });
    await simulateMovie(movie, ${JSON.stringify(path)}, options);
    console.log((process.resourceUsage().maxRSS - before) / 1024);
  `;
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", script]);
  const movieMib = (24 * 32 * 192 * 192 * (2 + 4)) / 2 ** 20;
  assert.ok(
    Number(stdout) < movieMib / 2,
    `memory grew by ${stdout} MiB for ${movieMib} MiB of movie`,
  );
});
