import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type TileFixture, voxelAt, writeTile } from "../loader/tiles.fixture.ts";
import { validMask } from "../valid-mask.ts";
import { newVoxels, voxelDtypes } from "../voxels.ts";
import { HypercubeSource } from "./hypercube-source.ts";

const tileShape = [3, 4, 6, 5, 2] as const;
const cubeShape = [4, 5, 4, 7] as const;

async function withTile<T>(
  options: Parameters<typeof writeTile>[0],
  use: (tile: TileFixture) => Promise<T>,
): Promise<T> {
  const tile = await writeTile(options);
  try {
    return await use(tile);
  } finally {
    await tile.remove();
  }
}

test("what reaches beyond an image is zeros in space and channel, and its last frame again in time", async () => {
  await withTile({ axes: "TCZYX", shape: tileShape, cube: [1, 1, 1, 1] }, async ({ records }) => {
    const whole = { time_size: 4, z_size: 5, y_size: 4, x_size: 7 };
    const record = { ...records[0], ...whole } as (typeof records)[number];
    const config = {
      cubeShape,
      channels: null,
      numChannels: 3,
      missingChunks: "error",
      missingChannels: "zero",
    } as const;
    const source = new HypercubeSource(config);
    const [T, Z, Y, X, C] = source.shape;
    const target = newVoxels("uint16", T * Z * Y * X * C);
    const place = fc.tuple(fc.nat(2), fc.nat(3), fc.nat(5), fc.nat(4));
    await fc.assert(
      fc.asyncProperty(place, async (origin) => {
        target.fill(7777); // what an earlier batch left in the slot
        const report = await source.read({ index: 0, record, origin }, target);
        const [t0, z0, y0, x0] = origin;
        const sizes = cubeShape.map((edge, axis) =>
          Math.min(edge, (tileShape[axis] ?? 0) - (origin[axis] ?? 0)),
        );
        assert.deepEqual([...report.validSize, report.validChannels], [...sizes, 2]);
        const mask = validMask({
          shape: [1, T, Z, Y, X, C],
          samples: [0],
          rowIsValid: [true],
          validSizes: [report.validSize],
          validChannels: [report.validChannels],
          unread: [report.unread],
        });
        for (let at = 0; at < target.length; at++) {
          const c = at % C;
          const x = x0 + (Math.floor(at / C) % X);
          const y = y0 + (Math.floor(at / (C * X)) % Y);
          const z = z0 + (Math.floor(at / (C * X * Y)) % Z);
          const t = t0 + Math.floor(at / (C * X * Y * Z));
          const isInside = z < 4 && y < 6 && x < 5 && c < 2;
          const wanted = isInside ? voxelAt(Math.min(t, 2), z, y, x, c) : 0;
          if (target[at] !== wanted) assert.equal(target[at], wanted, `at ${[t, z, y, x, c]}`);
          assert.equal(mask?.[at], isInside && t < 3 ? 1 : 0);
        }
      }),
      { numRuns: 40 },
    );
  });
});

test("a batch whose samples are measured everywhere has no mask", () => {
  const batch = {
    shape: [1, 1, 2, 2, 2, 1],
    samples: [0],
    rowIsValid: [true],
    validSizes: [[1, 2, 2, 2]],
    validChannels: [1],
    unread: [[]],
  } as const;
  assert.equal(validMask(batch), null);
  assert.deepEqual([...(validMask({ ...batch, rowIsValid: [false] }) ?? [])], Array(8).fill(0));
});

for (const file of voxelDtypes) {
  for (const dtype of voxelDtypes) {
    test(`${file} on disk is read into batches of ${dtype} exactly, or refused`, async () => {
      await withTile({ dtype: file }, async ({ records: [record] }) => {
        assert.ok(record);
        const config = { channels: null, numChannels: 1, missingChunks: "error" } as const;
        const source = new HypercubeSource({ ...config, cubeShape: [1, 4, 4, 4], dtype });
        const target = newVoxels(dtype, 64);
        const read = source.read({ index: 0, record, origin: [0, 0, 0, 0] }, target);
        const isWider = file === dtype || file === "uint8" || dtype === "float32";
        if (!isWider) {
          const message = new RegExp(`holds ${file}; batches of ${dtype} take `);
          await assert.rejects(read, { code: "DATA_DTYPE", message });
          return;
        }
        await read;
        const value = voxelAt(0, 0, 1, 2, 0);
        assert.equal(target[6], file === "uint8" ? value % 251 : file === "int16" ? -value : value);
      });
    });
  }
}

test("an image with too few channels is refused, unless zeros were asked for", async () => {
  await withTile({ shape: [2, 4, 8, 16, 2] }, async ({ records: [record] }) => {
    assert.ok(record);
    const config = { cubeShape: [1, 4, 4, 4], numChannels: 3, missingChunks: "error" } as const;
    const sample = { index: 0, record, origin: [0, 0, 0, 0] } as const;
    const target = newVoxels("uint16", 192);
    const message = /has 2 channels; the data set expects 3$/;
    await assert.rejects(new HypercubeSource({ ...config, channels: null }).read(sample, target), {
      code: "DATA_SHAPE",
      message,
    });
    const zero = { ...config, missingChannels: "zero" } as const;
    const gap = new HypercubeSource({ ...zero, channels: [0, 2, 1] });
    await assert.rejects(gap.read(sample, target), { message: /only the last ones may lack/ });
    // The second of two channels may hold the labels, or the image whose labels are not there.
    const labelled = new HypercubeSource({ ...zero, channels: null, labels: { channel: -1 } });
    const read = labelled.read(sample, target, { labels: new Int32Array(64) });
    const unclear = /has 2 channels; the data set expects 4, to tell which of them is the last/;
    await assert.rejects(read, { code: "DATA_SHAPE", message: unclear });
  });
});
