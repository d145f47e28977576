import assert from "node:assert/strict";
import promises, { mkdtemp, rm, writeFile } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import {
  createArray,
  createGroup,
  openArray,
  openGroup,
  readLabelNames,
  readMultiscales,
  writeLabelNames,
  writeMultiscales,
} from "@cell-observatory/zarr";
import { importImage } from "./import-image.ts";
import { linkImage } from "./link-image.ts";
import { zarrSource } from "./zarr-source.ts";

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "cello-zarr-"));
});
after(() => rm(folder, { recursive: true }));

/** An image of axes C Z Y X in OME-Zarr 0.4, as other programs write it; the voxel is its number. */
async function foreign(path: string, chunkShape = [1, 2, 4, 4]): Promise<void> {
  const axes = ["c", "z", "y", "x"].map((name) => ({
    name,
    type: name === "c" ? ("channel" as const) : ("space" as const),
    ...(name !== "c" && { unit: "nanometer" }),
  }));
  await createGroup(path, { zarrFormat: 2 });
  await writeMultiscales(path, {
    version: "0.4",
    axes,
    datasets: [{ path: "0", scale: [1, 2000, 400, 400], translation: [0, 0, 0, 0] }],
  });
  const shape = [2, 5, 6, 7];
  const array = await createArray(join(path, "0"), {
    shape,
    chunkShape,
    dtype: "int32",
    zarrFormat: 2,
  });
  await array.write(
    Int32Array.from({ length: 420 }, (_, i) => i),
    {
      origin: [0, 0, 0, 0],
      shape,
    },
  );
}

test("another program's image gets our axes, type, chunks and shards", async () => {
  const [from, to] = [join(folder, "other.zarr"), join(folder, "ours.ome.zarr")];
  await foreign(from);
  const made = await importImage(from, to, {
    dtype: "uint16",
    chunk: [1, 3, 4, 4],
    shard: [1, 6, 8, 8],
    codec: "zstd",
  });
  assert.deepEqual(made.shape, [1, 5, 6, 7, 2]);
  assert.deepEqual(made.voxelSizeUm, [2, 0.4, 0.4]);
  const array = await openArray(join(to, "0"));
  assert.equal(array.dtype, "uint16");
  assert.deepEqual(array.chunkShape, [1, 1, 3, 4, 4]);
  assert.deepEqual(array.shardShape, [1, 2, 6, 8, 8]);
  const voxels = await array.read({ origin: [0, 0, 0, 0, 0], shape: array.shape });
  assert.deepEqual(
    [...voxels],
    Array.from({ length: 420 }, (_, i) => i),
  );
});

test("labels of an image come along, and chunks that are not there are counted", async () => {
  const [from, to] = [join(folder, "labelled.zarr"), join(folder, "labelled.ome.zarr")];
  await foreign(from);
  const labels = join(from, "labels", "nuclei");
  await foreign(labels);
  await createArray(join(labels, "0"), {
    shape: [1, 5, 6, 7],
    chunkShape: [1, 5, 6, 7],
    dtype: "uint32",
    zarrFormat: 2,
    overwrite: true,
  });
  await writeLabelNames(from, ["nuclei"], "0.4");
  await rm(join(from, "0", "1"), { recursive: true });
  const made = await importImage(from, to);
  assert.ok(made.hasLabels);
  assert.equal(made.missingChunks, 3 * 2 * 2);
  assert.deepEqual(await readLabelNames(to), ["cells"]);
});

test("classes and colours of instances come along; label images that do not are named", async () => {
  const [from, to] = [join(folder, "classes.zarr"), join(folder, "classes.ome.zarr")];
  await foreign(from);
  const colors = [{ "label-value": 7, rgba: [255, 0, 0, 255] }];
  const properties = [{ "label-value": 7, class: 2, note: "dividing" }];
  for (const name of ["nuclei", "membranes"]) {
    const labels = join(from, "labels", name);
    await foreign(labels);
    const label = { version: "0.4", colors, properties, source: { image: "../../" } };
    await createGroup(labels, { zarrFormat: 2, attributes: { "image-label": label } });
    await writeMultiscales(labels, await readMultiscales(from));
    await createArray(join(labels, "0"), {
      shape: [1, 5, 6, 7],
      chunkShape: [1, 5, 6, 7],
      dtype: "uint32",
      zarrFormat: 2,
      overwrite: true,
    });
  }
  await writeLabelNames(from, ["nuclei", "membranes"], "0.4");
  const { labelsLeftOut } = await importImage(from, to);
  assert.deepEqual(labelsLeftOut, [join(from, "labels/membranes")]);
  const cells = join(to, "labels/cells");
  const { ome } = (await openGroup(cells)).attributes;
  const { "image-label": label } = Object(ome);
  assert.deepEqual(label, { colors, properties, source: { image: "../../" } });
});

test("what an OME-Zarr image's files are is not asked before an import needs it", async (t) => {
  const from = join(folder, "many.zarr");
  await foreign(from);
  let numStats = 0;
  const { stat } = promises;
  t.mock.method(promises, "stat", (path: string) => {
    if (/\/0\/\d/.test(path)) numStats += 1;
    return stat(path);
  });
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  await using source = await zarrSource(from, {});
  const first = new Int32Array(2);
  await source.read({ origin: [0, 0, 0, 0], shape: [1, 1, 1, 1] }, first, {});
  assert.deepEqual([...first], [0, 210]);
  assert.equal(numStats, 0);
  await source.fingerprint();
  assert.equal(numStats, 2 * 3 * 2 * 2);
});

test("a damaged chunk ends the import, and names the array", async () => {
  const from = join(folder, "damaged.zarr");
  await foreign(from);
  await writeFile(join(from, "0", "0", "1", "0", "0"), "no chunk");
  await assert.rejects(importImage(from, join(folder, "damaged.ome.zarr")), {
    code: "ZARR_CHUNK",
    message: /damaged\.zarr/,
  });
});

test("an array that names no axes needs them named", async () => {
  const path = join(folder, "plain.zarr");
  const shape = [2, 3, 4, 5, 1];
  const array = await createArray(path, { shape, chunkShape: shape, dtype: "uint16" });
  await array.write(new Uint16Array(120).fill(9), { origin: [0, 0, 0, 0, 0], shape });
  const to = join(folder, "plain.ome.zarr");
  await assert.rejects(importImage(path, to), { code: "DATA_AXES", message: /name its axes/ });
  assert.deepEqual((await importImage(path, to, { axes: "TZYXC" })).shape, shape);
});

test("axes that are not the array's are refused with their number", async () => {
  const path = join(folder, "three.zarr");
  await createArray(path, { shape: [3, 4, 5], chunkShape: [3, 4, 5], dtype: "uint16" });
  await assert.rejects(zarrSource(path, { axes: "ZYXC" }), {
    code: "DATA_AXES",
    message: `${path} is an array of 3 x 4 x 5; ZYXC names 4 axes`,
  });
});

test("axes that are given for an image are not those of its labels in OME-Zarr", async () => {
  const [from, to] = [join(folder, "own-axes.zarr"), join(folder, "own-axes.ome.zarr")];
  await foreign(from);
  const labels = join(from, "labels/cells");
  await createGroup(join(from, "labels"), { zarrFormat: 2 });
  await foreign(labels);
  await writeLabelNames(from, ["cells"], "0.4");
  // C and Z change places: two planes of five channels, and labels that are no more of its voxels.
  await assert.rejects(importImage(from, to, { axes: "ZCYX" }), {
    code: "DATA_SHAPE",
    message: /cells is 1 x 5 x 6 x 7 x 2 along T Z Y X C; the image needs 1 x 2 x 6 x 7 x 1$/,
  });
});

test("a link to an image is made once, and not in the place of something else", async () => {
  const from = join(folder, "linked.zarr");
  await foreign(from);
  const to = join(folder, "links", "linked.ome.zarr");
  assert.equal((await linkImage(from, to)).isNew, true);
  assert.equal((await linkImage(from, to)).isNew, false);
  const other = join(folder, "other-linked.zarr");
  await foreign(other);
  await assert.rejects(linkImage(other, to), { code: "DATA_EXISTS" });
});
