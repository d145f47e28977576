import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { MovieConfig } from "../simulate/movie-config.ts";
import { fetchStardist } from "./fetch-stardist.ts";
import { provideSample } from "./provide-sample.ts";

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "cello-sample-"));
});
after(() => rm(folder, { recursive: true }));

const movie = MovieConfig.parse({ shape: [1, 16, 32, 32, 1] });

test("where no registry answers, the movie is there alone, with a reason for the rest", async () => {
  const options = {
    dataPath: join(folder, "data"),
    downloads: join(folder, "downloads"),
    movie,
    python: join(folder, "no-such-python"),
  };
  const first = await provideSample(options);
  assert.deepEqual(
    first.images.map(({ name, outcome }) => [name, outcome]),
    [
      ["nuclei.ome.zarr", "unavailable"],
      ["movie.ome.zarr", "made"],
    ],
  );
  assert.match(first.images[0]?.reason ?? "", /stardist==0\.9\.2 could not be fetched by/);
  assert.equal(first.images[1]?.numHypercubes, 1);

  const before = (await stat(first.cataloguePath)).mtimeMs;
  const again = await provideSample(options);
  assert.equal(again.images[1]?.outcome, "present");
  assert.equal((await stat(first.cataloguePath)).mtimeMs, before);
  assert.equal(again.images[1]?.reason, undefined);

  const longer = MovieConfig.parse({ shape: [2, 16, 32, 32, 1] });
  const kept = await provideSample({ ...options, movie: longer });
  assert.equal(kept.images[1]?.outcome, "present");
  assert.match(kept.images[1]?.reason ?? "", /has 1 x 16 x 32 x 32 voxels .* not 2 x 16 x 32 x 32/);

  await writeFile(join(first.images[1]?.path ?? "", "zarr.json"), "{ damaged");
  const repaired = await provideSample(options);
  assert.equal(repaired.images[1]?.outcome, "made");
});

test("a file of the sample that is not what was pinned is fetched again, not trusted", async () => {
  const downloads = join(folder, "tampered");
  await mkdir(join(downloads, "stardist-0.9.2"), { recursive: true });
  for (const name of ["img3d.tif", "mask3d.tif"]) {
    await writeFile(join(downloads, "stardist-0.9.2", name), "something else");
  }
  await assert.rejects(fetchStardist({ downloads, python: join(folder, "no-such-python") }), {
    code: "DATA_FETCH",
  });
  assert.equal(
    await readFile(join(downloads, "stardist-0.9.2", "img3d.tif"), "utf8"),
    "something else",
  );
});
