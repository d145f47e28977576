import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { type TileFixture, voxelAt, writeTile } from "../loader/tiles.fixture.ts";
import { newVoxels, type VoxelDtype } from "../voxels.ts";
import { HypercubeSource } from "./hypercube-source.ts";
import type { HypercubeSourceConfig } from "./source-config.ts";

const config: HypercubeSourceConfig = {
  cubeShape: [1, 4, 8, 8],
  channels: null,
  numChannels: 6,
  missingChunks: "fill",
};

/** A chunk of an image of T C Z Y X: 1 x 4 x 4 x 4 x 4, so that channels 4 and 5 are of another. */
const chunkOf = ({ folder }: TileFixture, ...grid: readonly number[]) =>
  join(folder, "tile.ome.zarr", "0", "c", ...grid.map(String));

function read({ records }: TileFixture, source: HypercubeSource, numChannels = 6) {
  const [record] = records;
  assert.ok(record);
  const sample = { index: 0, record, origin: [0, 0, 0, 0] } as const;
  return source.read(sample, newVoxels(source.dtype, 256 * numChannels));
}

const sixChannels = () => writeTile({ axes: "TCZYX", shape: [1, 4, 8, 16, 6], cube: [1, 4, 8, 8] });

test("a sample that lacks a whole channel is refused, though the others are there", async () => {
  const tile = await sixChannels();
  for (const y of [0, 1]) for (const x of [0, 1]) await rm(chunkOf(tile, 0, 1, 0, y, x));
  await assert.rejects(read(tile, new HypercubeSource(config)), {
    code: "DATA_CHUNK",
    message: /^sample roi.*0: all 4 chunks of channels 4 to 5 are missing$/,
  });
  const one = new HypercubeSource({ ...config, channels: [5, 0], numChannels: 2 });
  await assert.rejects(read(tile, one, 2), { message: /all 4 chunks of channel 5 are/ });
  const others = new HypercubeSource({ ...config, channels: [0, 1], numChannels: 2 });
  assert.equal((await read(tile, others, 2)).missingChunks, 0);
  await tile.remove();
});

test("a channel of which all is damaged or missing is refused where damage is masked", async () => {
  const tile = await sixChannels();
  for (const y of [0, 1]) {
    await rm(chunkOf(tile, 0, 0, 0, y, 0));
    await writeFile(chunkOf(tile, 0, 0, 0, y, 1), "damage");
  }
  await assert.rejects(read(tile, new HypercubeSource({ ...config, unreadable: "mask" })), {
    code: "DATA_CHUNK",
    message: /channels 0 to 3 are missing or damaged$/,
  });
  await tile.remove();
});

test("chunks that are missing of several channels, but all of none, are filled and told once", async () => {
  const tile = await sixChannels();
  for (const c of [0, 1]) for (const y of [0, 1]) await rm(chunkOf(tile, 0, c, 0, y, y));
  const said: string[] = [];
  const source = new HypercubeSource(config, { say: (line) => said.push(line) });
  const report = await read(tile, source);
  await read(tile, source);
  assert.deepEqual([report.chunks, report.missingChunks], [8, 4]);
  assert.equal(said.length, 1);
  assert.match(
    said[0] ?? "",
    /tile\.ome\.zarr.0: 4 of 8 chunks of sample roi.*@t0z0y0x0 are not on disk.*fill value.*missing_chunks=error/,
  );
  await tile.remove();
});

for (const [onDisk, dtype] of [
  ["uint8", "uint16"],
  ["uint8", "int16"],
  ["uint8", "float32"],
  ["uint16", "float32"],
  ["int16", "float32"],
] as const satisfies readonly (readonly [VoxelDtype, VoxelDtype])[]) {
  test(`${onDisk} is widened to ${dtype} in the memory of the sample, padding and all`, async () => {
    const tile = await writeTile({ dtype: onDisk, shape: [1, 4, 8, 16, 2], cube: [1, 4, 4, 4] });
    const [record] = tile.records;
    assert.ok(record);
    const source = new HypercubeSource({
      ...config,
      cubeShape: [2, 4, 4, 6],
      numChannels: 2,
      dtype,
    });
    const slot = newVoxels(dtype, 3 * 384).fill(77);
    const target = slot.subarray(384, 768) as typeof slot;
    await source.read({ index: 0, record, origin: [0, 0, 3, 12] }, target);
    target.forEach((value, at) => {
      const [z, y, x, c] = [(at / 48) & 3, (at / 12) & 3, (at >> 1) % 6, at & 1];
      const count = voxelAt(0, z, 3 + y, 12 + x, c);
      const stored = onDisk === "uint8" ? count % 251 : onDisk === "int16" ? -count : count;
      assert.equal(value, x < 4 ? stored : 0);
    });
    assert.ok(slot.subarray(0, 384).every((value) => value === 77));
    assert.ok(slot.subarray(768).every((value) => value === 77));
    await tile.remove();
  });
}
