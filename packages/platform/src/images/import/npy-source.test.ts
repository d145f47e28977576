import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { type NpyOptions, npyBytes } from "../../../test/support/npy-bytes.ts";
import { stridesOf } from "../axes.ts";
import { newSamples } from "../tiff/samples.ts";
import { npySource } from "./npy-source.ts";
import { npzSource } from "./npz-source.ts";
import { zipBytes } from "./zip.fixture.ts";

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "cello-npy-"));
});
after(() => rm(folder, { recursive: true }));

async function save(options: NpyOptions, valueAt: (i: number) => number = (i) => i % 60_000) {
  const path = join(folder, "array.npy");
  await writeFile(path, npyBytes(options, valueAt));
  return path;
}

const axesOfRank = ["YX", "ZYX", "TZYX", "TZYXC", "TCZYX", "XYZ", "CZYX"] as const;

test("any part of an array of any order comes as T C Z Y X", async () => {
  const size = fc.integer({ min: 1, max: 6 });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...axesOfRank),
      fc.array(size, { minLength: 5, maxLength: 5 }),
      fc.constantFrom("<u2", ">u2", "<i4", ">f4", "<f8", ">i8"),
      fc.boolean(),
      fc.array(fc.nat(), { minLength: 8, maxLength: 8 }),
      async (axes, sizes, descr, isFortran, draws) => {
        const shape = [...axes].map((_, i) => sizes[i] ?? 1);
        const path = await save({ shape, descr, isFortran });
        await using source = await npySource(path, { axes });
        const [origin, part] = boxIn(source.shape, draws);
        const numbers = part.reduce((a, b) => a * b, source.shape[4]);
        const into = newSamples(source.sampleType, numbers);
        await source.read({ origin, shape: part }, into, {});
        const strides = stridesOf(shape);
        const wanted: number[] = [];
        for (let t = 0; t < part[0]; t++) {
          for (let c = 0; c < source.shape[4]; c++) {
            for (let z = 0; z < part[1]; z++) {
              for (let y = 0; y < part[2]; y++) {
                for (let x = 0; x < part[3]; x++) {
                  const at: Record<string, number> = {
                    T: origin[0] + t,
                    Z: origin[1] + z,
                    Y: origin[2] + y,
                    X: origin[3] + x,
                    C: c,
                  };
                  const places = [...axes].map((axis, i) => (at[axis] ?? 0) * (strides[i] ?? 1));
                  wanted.push(places.reduce((a, b) => a + b, 0));
                }
              }
            }
          }
        }
        assert.deepEqual([...into].map(Number), wanted);
      },
    ),
    { numRuns: 150 },
  );
});

type Four = [number, number, number, number];

function boxIn(shape: readonly number[], draws: readonly number[]): [Four, Four] {
  const origin = [0, 1, 2, 3].map((axis) => (draws[axis] ?? 0) % (shape[axis] ?? 1));
  const part = origin.map(
    (from, axis) => 1 + ((draws[4 + axis] ?? 0) % ((shape[axis] ?? 1) - from)),
  );
  return [origin as Four, part as Four];
}

test("an array of four axes is refused until they are named, and misnamed ones are", async () => {
  const path = await save({ shape: [2, 3, 4, 5], descr: "<u2" });
  await assert.rejects(npySource(path, {}), {
    code: "DATA_AXES",
    message:
      /array\.npy is an array of 2 x 3 x 4 x 5, and does not say which of its 4 axes is which/,
  });
  await assert.rejects(npySource(path, { axes: "ZYX" }), {
    code: "DATA_AXES",
    message: /--axes ZYX names 3 axes/,
  });
});

test("a 64-bit number that 32 bits cannot hold is refused, not cut", async () => {
  const path = await save({ shape: [1, 4], descr: "<i8" }, (i) => (i === 3 ? 2 ** 40 : -i));
  await using source = await npySource(path, {});
  const into = new Int32Array(4);
  const box = { origin: [0, 0, 0, 0], shape: [1, 1, 1, 4] } as const;
  await assert.rejects(source.read(box, into, {}), {
    code: "DATA_DTYPE",
    message: /holds 1099511627776; we keep -2147483648 to 2147483647/,
  });
});

test("what is no array, or was not copied whole, is refused by name", async () => {
  const path = join(folder, "bad.npy");
  const whole = npyBytes({ shape: [3, 4], descr: "<u2" }, (i) => i);
  const refused = async (bytes: Buffer, message: RegExp) => {
    await writeFile(path, bytes);
    await assert.rejects(npySource(path, {}), { code: "DATA_NUMPY", message });
  };
  for (let length = 0; length < whole.length; length += 5) {
    await refused(whole.subarray(0, length), /bad\.npy/);
  }
  const text = whole.toString("latin1");
  const changed = (from: string, to: string) =>
    Buffer.from(text.replace(from, to.padEnd(from.length)), "latin1");
  await refused(changed("'<u2'", "'|O8'"), /its numbers are O8; expected u1/);
  await refused(changed("'<u2'", "'<c8'"), /its numbers are c8/);
  await refused(
    changed("(3, 4)", "(9, 9)"),
    /9 x 9 numbers of 2 bytes need 290 bytes, and the file/,
  );
  await refused(changed("(3, 4)", "(0, 4)"), /its shape is \(0, 4\)/);
  await refused(changed("(3, 4)", "(3e9)"), /header is not one of NumPy's/);
  await refused(Buffer.from("a text file, not an array, whatever its name"), /does not begin as/);
});

test("an array of an archive is read by its name, or when it is the only one", async () => {
  const path = join(folder, "arrays.npz");
  const array = (value: number) => npyBytes({ shape: [2, 3], descr: "<u2" }, () => value);
  const read = async (member: string | null) => {
    await using source = await npzSource(path, { member, workFolder: folder });
    const into = new Uint16Array(6);
    await source.read({ origin: [0, 0, 0, 0], shape: [1, 1, 2, 3] }, into, {});
    return [...into];
  };
  await writeFile(path, zipBytes({ "arr_0.npy": array(5) }));
  assert.deepEqual(await read(null), Array(6).fill(5));
  await writeFile(path, zipBytes({ "raw.npy": array(7), "mask.npy": array(1) }));
  assert.deepEqual(await read("mask"), Array(6).fill(1));
  await assert.rejects(read(null), {
    code: "DATA_NUMPY",
    message: /arrays\.npz: expected one array, found raw, mask/,
  });
  await assert.rejects(read("other"), { message: /there is no array other, found raw, mask/ });
  await writeFile(path, zipBytes({ "raw.npy": Buffer.from("no array") }));
  await assert.rejects(read(null), { code: "DATA_NUMPY", message: /cannot be unpacked/ });
  await writeFile(path, "no archive");
  await assert.rejects(read(null), { code: "DATA_NUMPY", message: /no archive of NumPy's/ });
});

test("what is no array of numbers, or has none, is refused for what it is", async () => {
  const header = (dict: string) => {
    const text = `${dict}\n`.padStart(118);
    return Buffer.concat([Buffer.from("\x93NUMPY\x01\x00\x76\x00", "latin1"), Buffer.from(text)]);
  };
  const refused = async (dict: string) => {
    const path = join(folder, "odd.npy");
    await writeFile(path, header(dict));
    return npySource(path, {});
  };
  await assert.rejects(refused("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"), {
    message: /: its numbers are '\|O'; expected u1, /,
  });
  const records = "{'descr': [('a', '<u2')], 'fortran_order': False, 'shape': (1,), }";
  await assert.rejects(refused(records), { message: /: its numbers are \[\('a', '<u2'\)\]/ });
  await assert.rejects(refused("{'descr': '<u2', 'fortran_order': False, 'shape': (0, 4), }"), {
    hint: /^There is no number in it/,
  });
});
