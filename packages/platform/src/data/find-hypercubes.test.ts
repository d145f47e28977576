import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { DatabasesConfig } from "../config/schema/databases.ts";
import { CatalogueWriter } from "../database/index.ts";
import { imageRows } from "./catalogue/image-rows.ts";
import { findHypercubes } from "./find-hypercubes.ts";
import { importImage } from "./import/import-image.ts";
import { npyBytes } from "./import/npy.fixture.ts";

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "cello-find-"));
});
after(() => rm(folder, { recursive: true }));

test("hypercubes of a smaller grid are no cut ones of a larger", async () => {
  const catalogue_path = join(folder, "catalogue.duckdb");
  const [file, path] = [join(folder, "a.npy"), join(folder, "a.ome.zarr")];
  await writeFile(
    file,
    npyBytes({ shape: [16, 8, 8], descr: "<u2" }, (i) => i),
  );
  await importImage(file, path);
  const rows = await imageRows(path, {
    grids: [12, 8].map((z) => ({ cubeShape: [1, z, 8, 8], stride: null })),
    home: folder,
    scans: join(folder, "scans"),
  });
  assert.ok(rows);
  {
    await using writer = await CatalogueWriter.open(catalogue_path);
    await writer.put(rows.tile, rows.hypercubes());
  }
  const config = { ...DatabasesConfig.parse({}), kind: "duckdb" as const, catalogue_path };
  const wanted = { cubeShape: [1, 12, 8, 8], numChannels: 1, channels: null } as const;
  const found = [...(await findHypercubes(config, wanted)).records()];
  assert.deepEqual(
    found.map(({ z_start, z_size }) => [z_start, z_size]),
    [
      [0, 12],
      [4, 12],
    ],
  );
});
