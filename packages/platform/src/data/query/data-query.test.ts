import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { npyBytes } from "../../../test/support/npy-bytes.ts";
import { CatalogueWriter, type HypercubeQuery } from "../../database/index.ts";
import { imageRows, importImage } from "../../images/index.ts";
import { DataQuery } from "./data-query.ts";

let folder = "";
let catalogue_path = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "cello-query-"));
  catalogue_path = join(folder, "catalogue.duckdb");
  const [file, path] = [join(folder, "a.npy"), join(folder, "a.ome.zarr")];
  await writeFile(
    file,
    npyBytes({ shape: [4, 4, 4], descr: "<u2" }, (i) => i),
  );
  await importImage(file, path);
  await using rows = await imageRows(path, {
    grids: [{ cubeShape: [1, 2, 4, 4], stride: null }],
    home: folder,
    scans: join(folder, "scans"),
  });
  assert.ok(rows);
  await using writer = await CatalogueWriter.open(catalogue_path);
  await writer.put(rows.tile, rows.hypercubes());
});
after(() => rm(folder, { recursive: true }));

async function explained(query: HypercubeQuery, quarantine_path: string | null = null) {
  await using asked = await DataQuery.ofCatalogue(catalogue_path, query, { quarantine_path });
  const steps = await asked.explain();
  return steps.filter(({ remark }) => remark !== null).map(({ remark }) => remark);
}

test("the filter that removes everything says why, and no other does", async () => {
  assert.deepEqual(await explained({ cdf_threshold: 1 }), []);
  assert.deepEqual(
    await explained({ cdf_threshold: 100, cdf_target: 80, occupancy_threshold: 0 }),
    [
      "cdf_threshold removes all 2 hypercubes that were left: the largest value is 57, the least that was asked for 100",
    ],
  );
  assert.deepEqual(await explained({ roi_list: ["b", "c"] }), [
    "roi_list removes all 2 hypercubes that were left: none is of b, c; `cello data list` prints the names",
  ]);
  assert.deepEqual(await explained({ has_annotations: true, cdf_threshold: 100 }), [
    "has_annotations removes all 2 hypercubes that were left: none has labels; `cello data import --labels` brings them",
  ]);
  const [shape = ""] = await explained({ cube_shape: [1, 3, 3, 3] });
  assert.match(shape ?? "", /the catalogue has 1 x 2 x 4 x 4 \(2\)/);
});

test("the quarantine is the last filter, and its rows do not come", async () => {
  const quarantine_path = join(folder, "quarantine.json");
  const part = { path: "a.ome.zarr", prepared_id: null, tile_name: null, reason: "damaged" };
  const lower = { ...part, origin: [0, 0, 0, 0], shape: [1, 1, 1, 1] };
  await writeFile(quarantine_path, JSON.stringify({ version: 1, parts: [lower] }));
  await using query = await DataQuery.ofCatalogue(catalogue_path, {}, { quarantine_path });
  assert.deepEqual((await query.explain()).at(-1), {
    clause: "quarantine_path",
    removed: 1,
    remaining: 1,
    remark: null,
  });
  const starts: number[] = [];
  for await (const { z_start, statistics } of query.rows(1)) {
    starts.push(...z_start);
    assert.equal(statistics.cdf_99_ch_0?.[0], 63);
  }
  assert.deepEqual(starts, [2]);
  await writeFile(quarantine_path, "{}");
  await assert.rejects(query.explain(), { code: "DATA_QUARANTINE" });
});
