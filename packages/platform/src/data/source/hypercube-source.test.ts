import assert from "node:assert/strict";
import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { voxelAt, writeTile } from "../loader/tiles.fixture.ts";
import { HypercubeSource } from "./hypercube-source.ts";
import { writeLabelledTile } from "./labelled-tile.fixture.ts";

const cubeShape = [1, 4, 4, 4] as const;

function newTarget(length: number): Uint16Array<SharedArrayBuffer> {
  return new Uint16Array(new SharedArrayBuffer(2 * length));
}

const images = [
  { axes: "TZYXC", shape: [2, 4, 8, 16, 1], channels: null },
  { axes: "TZYXC", shape: [2, 4, 8, 16, 3], channels: null },
  { axes: "TCZYX", shape: [2, 4, 8, 16, 3], channels: null },
  { axes: "ZYX", shape: [1, 4, 8, 16, 1], channels: null },
  { axes: "CZYX", shape: [1, 4, 8, 16, 2], channels: null },
  { axes: "XYZ", shape: [1, 4, 8, 16, 1], channels: null },
  { axes: "TZYXC", shape: [2, 4, 8, 16, 3], channels: [2, 0] },
  { axes: "TZYXC", shape: [2, 4, 8, 16, 3], channels: [1] },
  { axes: "TCZYX", shape: [2, 4, 8, 16, 3], channels: [1, 2] },
] as const;

for (const { axes, shape, channels } of images) {
  const which = channels ? `channels ${channels}` : `all ${shape[4]} channels`;
  test(`a sample of ${axes} on disk is T Z Y X C in memory, ${which}`, async () => {
    const tile = await writeTile({ axes, shape });
    try {
      const numChannels = channels?.length ?? shape[4];
      const config = { cubeShape, channels, numChannels, missingChunks: "error" } as const;
      const source = new HypercubeSource(config);
      const record = tile.records[0];
      assert.ok(record);
      const origin = [shape[0] - 1, 0, 3, 5] as const;
      const target = newTarget(64 * numChannels);
      await source.read({ index: 0, record, origin }, target);
      const wanted = Array.from({ length: 64 * numChannels }, (_, i) => {
        const c = channels?.[i % numChannels] ?? i % numChannels;
        const voxel = Math.floor(i / numChannels);
        const [z, y, x] = [voxel >> 4, (voxel >> 2) & 3, voxel & 3];
        return voxelAt(origin[0], z, 3 + y, 5 + x, c);
      });
      assert.deepEqual([...target], wanted);
    } finally {
      await tile.remove();
    }
  });
}

test("8-bit images are read as the same counts in 16 bits", async () => {
  const tile = await writeTile({ dtype: "uint8" });
  const config = { cubeShape, channels: null, numChannels: 1, missingChunks: "error" } as const;
  const target = newTarget(64);
  const record = tile.records[0];
  assert.ok(record);
  await new HypercubeSource(config).read({ index: 0, record, origin: [0, 0, 0, 0] }, target);
  assert.equal(target[5], voxelAt(0, 0, 1, 1, 0) % 251);
  await tile.remove();
});

test("a damaged chunk, and a missing array, name the sample and the file", async () => {
  const tile = await writeTile();
  const config = { cubeShape, channels: null, numChannels: 1, missingChunks: "fill" } as const;
  const [first, second] = tile.records;
  assert.ok(first && second);
  const chunk = join(tile.folder, "tile.ome.zarr", "0", "c", "0", "0", "0", "0", "0");
  await writeFile(chunk, "this is no chunk");
  const source = new HypercubeSource(config);
  await assert.rejects(
    source.read({ index: 0, record: first, origin: [0, 0, 0, 0] }, newTarget(64)),
    {
      code: "DATA_CHUNK",
      message: /sample roi\/tile\.ome\.zarr@t0z0y0x0 cannot be read: .*tile\.ome\.zarr/,
    },
  );
  await source.read({ index: 1, record: second, origin: [0, 0, 0, 4] }, newTarget(64));
  await tile.remove();
  const again = new HypercubeSource(config);
  await assert.rejects(
    again.read({ index: 0, record: first, origin: [0, 0, 0, 0] }, newTarget(64)),
    {
      code: "DATA_CHUNK",
    },
  );
});

test("a catalogue that says more than the image has is refused, not repeated or skipped", async () => {
  const tile = await writeTile({ axes: "ZYX", shape: [1, 4, 8, 16, 1] });
  const [record] = tile.records;
  assert.ok(record);
  const lie = { ...record, time_size: 2, tile_shape: [2, 8, 16, 16, 1] as const };
  const config = { channels: null, numChannels: 1, missingChunks: "error" } as const;
  const frames = new HypercubeSource({ ...config, cubeShape: [2, 4, 4, 4] });
  await assert.rejects(
    frames.read({ index: 0, record: lie, origin: [0, 0, 0, 0] }, newTarget(128)),
    { code: "DATA_SHAPE", message: /has axes ZYX; asked for 2 from 0 on along T/ },
  );
  const source = new HypercubeSource({ ...config, cubeShape });
  await assert.rejects(
    source.read({ index: 0, record: lie, origin: [1, 0, 0, 0] }, newTarget(64)),
    { code: "DATA_SHAPE", message: /asked for 1 from 1 on along T/ },
  );
  await assert.rejects(
    source.read({ index: 0, record: lie, origin: [0, 0, 6, 0] }, newTarget(64)),
    { code: "DATA_SHAPE", message: /expected a region inside \[4, 8, 16\]/ },
  );
  await assert.rejects(source.read({ index: 0, record, origin: [0, 4, 0, 0] }, newTarget(64)), {
    code: "DATA_SHAPE",
    message:
      /^sample roi\/tile\.ome\.zarr@t0z4y0x0 cannot be read: it lies outside of an image of 1 x 4 x 8 x 16/,
  });
  await tile.remove();
});

test("missing chunks are filled and counted, or refused; a sample of nothing else is refused", async () => {
  const tile = await writeTile();
  const record = tile.records[0];
  assert.ok(record);
  const row = join(tile.folder, "tile.ome.zarr", "0", "c", "0", "0", "0");
  await rm(join(row, "0"), { recursive: true });
  assert.deepEqual((await readdir(row)).sort(), ["1", "2", "3"]);
  const config = { cubeShape, channels: null, numChannels: 1 };
  const fills = new HypercubeSource({ ...config, missingChunks: "fill" });
  const target = newTarget(64);
  const half = await fills.read({ index: 0, record, origin: [0, 0, 0, 2] }, target);
  assert.deepEqual([half.chunks, half.missingChunks, half.retries], [2, 1, 0]);
  assert.deepEqual(
    [...target.subarray(0, 4)],
    [0, 0, voxelAt(0, 0, 0, 4, 0), voxelAt(0, 0, 0, 5, 0)],
  );
  await assert.rejects(fills.read({ index: 0, record, origin: [0, 0, 0, 0] }, target), {
    code: "DATA_CHUNK",
    message: /^sample roi\/tile\.ome\.zarr@t0z0y0x0 cannot be read: .*: all 1 chunks are missing$/,
  });
  const strict = new HypercubeSource({ ...config, missingChunks: "error" });
  await assert.rejects(strict.read({ index: 0, record, origin: [0, 0, 0, 2] }, target), {
    code: "DATA_CHUNK",
  });
  await tile.remove();
});

test("an image that was being opened for a loop that is left is there for the next loop", async () => {
  const tile = await writeLabelledTile();
  const sample = { index: 0, record: tile.record, origin: [0, 0, 0, 0] } as const;
  for (const begin of ["expect", "read"] as const) {
    const source = new HypercubeSource({
      cubeShape: [1, 4, 8, 8],
      channels: null,
      numChannels: 1,
      missingChunks: "error",
      cacheBytes: 2 ** 20,
      labels: "array",
    });
    const stop = new AbortController();
    const { signal } = stop;
    const [target, labels] = [newTarget(256), new Int32Array(256)];
    const left =
      begin === "expect"
        ? source.expect([sample], { signal })
        : source.read(sample, newTarget(256), { labels: new Int32Array(256), signal });
    const given = assert.rejects(left, /^Error: the loop was left$/);
    stop.abort(new Error("the loop was left"));
    await source.read(sample, target, { labels });
    await given;
    assert.equal(target[0], voxelAt(0, 0, 0, 0, 0));
    assert.equal(labels[255], (3 * 8 + 7) * 16 + 7);
  }
  await tile.remove();
});
