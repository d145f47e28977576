import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import promises, { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { type CreateOptions, createArray } from "./create-array.ts";
import { isZarrDtype } from "./dtype.ts";
import { openArray } from "./open-array.ts";
import { elementsOf, fixtureElement, product, temporaryFolder } from "./test-arrays.ts";

const dtypes = [
  "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64 complex64 complex128",
  "float16 bfloat16",
]
  .join(" ")
  .split(" ")
  .filter(isZarrDtype);

const layouts = [
  ...dtypes.map((dtype) => ({ dtype })),
  ...(["blosc-zstd", "blosc-lz4"] as const).flatMap((codec) =>
    (["none", "byte", "bit"] as const).map((shuffle) => ({ codec, shuffle })),
  ),
  ...(["zstd", "gzip", "none"] as const).map((codec) => ({ codec })),
  ...[1, 5, 9].map((level) => ({ level })),
  { checksum: false },
  { shardShape: [6, 8, 8] },
  { shardShape: [6, 8, 8], codec: "gzip" },
  { shardShape: [3, 4, 8], checksum: false },
] as const satisfies readonly Partial<CreateOptions>[];

test("what is written in every type, codec and format is read again by a new opening", async (t) => {
  const folder = await temporaryFolder(t);
  const base = { shape: [7, 9, 11], chunkShape: [3, 4, 8], dtype: "uint16" } as const;
  const whole = { origin: [0, 0, 0], shape: base.shape };
  for (const [index, layout] of layouts.entries()) {
    for (const zarrFormat of [2, 3] as const) {
      const options: CreateOptions = { ...base, ...layout, zarrFormat };
      const fitsV2 = !options.shardShape && !options.checksum && options.dtype !== "bfloat16";
      if (zarrFormat === 2 && !fitsV2) continue;
      const path = join(folder, `${index}-${zarrFormat}`);
      const array = await createArray(path, { ...options, attributes: { made: index } });
      const blank = await array.read(whole);
      for (let i = 0; i < product(base.shape); i++) blank[i] = sample(blank, i);
      await array.write(blank, whole);
      const again = await openArray(path);
      assert.deepEqual([again.dtype, again.attributes], [options.dtype, { made: index }]);
      assert.deepEqual(await again.read({ ...whole, missingChunks: "error" }), blank, path);
    }
  }
});

test("the fill value is what a new array holds, exactly", async (t) => {
  const folder = await temporaryFolder(t);
  const values = [
    ["uint16", 513],
    ["int64", -(2n ** 63n)],
    ["uint64", 2n ** 64n - 1n],
    ["float32", Number.NaN],
    ["float64", Number.NEGATIVE_INFINITY],
    ["bool", true],
    ["complex64", [1.5, -2]],
    ["bfloat16", 3.5],
    ["float16", -0.25],
  ] as const;
  for (const [dtype, fillValue] of values) {
    const options = { shape: [3], chunkShape: [2], dtype, fillValue } as const;
    const array = await createArray(join(folder, dtype), options);
    const again = await openArray(array.path);
    assert.deepEqual(again.fillValue, fillValue);
    const view = await again.read({ origin: [0], shape: [3] });
    assert.deepEqual(elementsOf(dtype, view), [fillValue, fillValue, fillValue]);
  }
});

test("writes in part keep what was there, chunk by chunk and in shards", async (t) => {
  const folder = await temporaryFolder(t);
  for (const shardShape of [undefined, [4, 6]]) {
    const layout = { shape: [5, 8], chunkShape: [2, 3], shardShape, dtype: "uint16" } as const;
    const array = await createArray(join(folder, `${shardShape}`), { ...layout, fillValue: 7 });
    const expected = new Uint16Array(40).fill(7);
    const put = async (y: number, x: number, height: number, width: number, value: number) => {
      const data = new Uint16Array(height * width).fill(value);
      await array.write(data, { origin: [y, x], shape: [height, width] });
      for (let i = 0; i < height; i++)
        expected.fill(value, (y + i) * 8 + x, (y + i) * 8 + x + width);
      assert.deepEqual(await array.read({ origin: [0, 0], shape: [5, 8] }), expected);
    };
    await put(1, 1, 1, 1, 1);
    await put(0, 0, 2, 3, 2);
    await put(2, 2, 3, 6, 3);
    await put(4, 7, 1, 1, 4);
    await put(0, 0, 5, 8, 5);
  }
});

test("concurrent writes to one shard all arrive", async (t) => {
  const layout = {
    shape: [64, 16],
    chunkShape: [4, 16],
    shardShape: [64, 16],
    dtype: "uint16",
  } as const;
  const array = await createArray(join(await temporaryFolder(t), "a"), layout);
  const again = await openArray(array.path);
  const rows = Array.from({ length: 64 }, (_, row) => {
    const options = { origin: [row, 0], shape: [1, 16] };
    return (row % 2 ? array : again).write(new Uint16Array(16).fill(row), options);
  });
  await Promise.all(rows);
  const found = await array.read({ origin: [0, 0], shape: [64, 16] });
  const expected = Uint16Array.from({ length: 64 * 16 }, (_, index) => Math.floor(index / 16));
  assert.deepEqual(found, expected);
});

test("the same data gives the same files, whatever the threads do", async (t) => {
  const folder = await temporaryFolder(t);
  const shape = [16, 32, 32];
  const layout = { shape, chunkShape: [4, 8, 8], shardShape: shape, dtype: "uint16" } as const;
  const data = Uint16Array.from({ length: product(shape) }, (_, i) => (i * 2654435761) >>> 24);
  const shards = [];
  for (const name of ["a", "b"]) {
    const array = await createArray(join(folder, name), layout);
    await array.write(data, { origin: [0, 0, 0], shape });
    shards.push(await readFile(join(array.path, "c/0/0/0")));
  }
  assert.deepEqual(shards[0], shards[1]);
});

test("no temporary file stays, and a chunk that is damaged stops a write in part of it", async (t) => {
  const layout = { shape: [8], chunkShape: [4], dtype: "uint16" } as const;
  const array = await createArray(join(await temporaryFolder(t), "a"), layout);
  await array.write(new Uint16Array(8), { origin: [0], shape: [8], isDurable: true });
  assert.deepEqual((await readdir(join(array.path, "c"))).toSorted(), ["0", "1"]);
  await writeFile(join(array.path, "c/1"), "damaged");
  const write = array.write(Uint16Array.of(1), { origin: [5], shape: [1] });
  await assert.rejects(write, { code: "ZARR_CHUNK", chunk: [1] });
  assert.equal(await readFile(join(array.path, "c/1"), "utf8"), "damaged");
  await array.write(new Uint16Array(4).fill(3), { origin: [4], shape: [4] });
  assert.deepEqual((await array.read({ origin: [5], shape: [1] }))[0], 3);
});

test("a shard that is damaged stops a write in part of it, and is mended by one of all of it", async (t) => {
  const layout = { shape: [6], chunkShape: [2], shardShape: [8], dtype: "uint16" } as const;
  const array = await createArray(join(await temporaryFolder(t), "a"), layout);
  const whole = { origin: [0], shape: [6] };
  await array.write(new Uint16Array(6).fill(1), whole);
  await writeFile(join(array.path, "c/0"), "damaged");
  const part = array.write(Uint16Array.of(2, 2), { origin: [0], shape: [2] });
  await assert.rejects(part, { code: "ZARR_CHUNK", message: /expected a shard index/ });
  await array.write(new Uint16Array(6).fill(3), whole);
  assert.deepEqual(await array.read(whole), new Uint16Array(6).fill(3));
});

test("what a process left that was killed while it wrote is in nobody's way", async (t) => {
  const layout = { shape: [4], chunkShape: [4], dtype: "uint8" } as const;
  const array = await createArray(join(await temporaryFolder(t), "a"), layout);
  await mkdir(join(array.path, "c"));
  // In a container the next process often has the same number.
  for (let count = 0; count < 2000; count++) {
    await writeFile(join(array.path, "c", `.0.${process.pid}-${count}.tmp`), "");
  }
  await array.write(Uint8Array.of(1, 2, 3, 4), { origin: [0], shape: [4] });
  assert.deepEqual(await array.read({ origin: [0], shape: [4] }), Uint8Array.of(1, 2, 3, 4));
});

test("a disk that takes no more gives ZARR_IO, leaves no temporary file, and keeps what was there", async (t) => {
  const folder = await temporaryFolder(t);
  const layout = {
    shape: [4, 65536],
    chunkShape: [1, 65536],
    dtype: "uint16",
    codec: "none",
  } as const;
  const array = await createArray(join(folder, "a"), layout);
  const region = { origin: [0, 0], shape: [4, 65536] };
  await array.write(new Uint16Array(4 * 65536).fill(1), region);
  const script = `
    import { openArray } from ${JSON.stringify(new URL("./open-array.ts", import.meta.url))};
    const array = await openArray(${JSON.stringify(array.path)});
    await array.write(new Uint16Array(4 * 65536).fill(2), ${JSON.stringify(region)}).then(
      () => console.log("written"),
      (error) => console.log(error.code, error.message),
    );`;
  // A limit on file sizes (64 blocks of 512 bytes) fails a write as a full disk does.
  const command = 'trap "" XFSZ; ulimit -f 64; exec "$0" --input-type=module -e "$1"';
  const run = promisify(execFile)("sh", ["-c", command, process.execPath, script]);
  const { stdout } = await run;
  assert.match(stdout, /^ZARR_IO .*could not write .*\/a\/c\/\d\/0: File too large/);
  const names = await readdir(join(folder, "a/c"), { recursive: true });
  assert.deepEqual(
    names.filter((name) => name.includes("tmp")),
    [],
  );
  assert.deepEqual(await array.read(region), new Uint16Array(4 * 65536).fill(1));
});

test("a large array is written plane by plane in little memory", async (t) => {
  const folder = await temporaryFolder(t);
  const script = `
    import { createArray, setThreads } from ${JSON.stringify(new URL("./index.ts", import.meta.url))};
    setThreads(2); // a machine of many cores has many encoders
    const shape = [40, 1024, 1024];
    const layout = { shape, chunkShape: [1, 256, 256], dtype: "uint16" };
    const array = await createArray(${JSON.stringify(join(folder, "large"))}, layout);
    const plane = new Uint16Array(1024 * 1024).fill(3);
    const before = process.memoryUsage.rss();
    for (let z = 0; z < 40; z++) await array.write(plane, { origin: [z, 0, 0], shape: [1, 1024, 1024] });
    console.log(process.memoryUsage.rss() - before);`;
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--input-type=module",
    "-e",
    script,
  ]);
  assert.ok(Number(stdout) < 32e6, `80 MiB written, memory grew by ${stdout.trim()} bytes`);
});

test("what is there already is kept, unless it is an array and overwrite is given", async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, "a");
  const layout = { shape: [4], chunkShape: [4], dtype: "uint8" } as const;
  const first = await createArray(path, layout);
  await first.write(Uint8Array.of(1, 2, 3, 4), { origin: [0], shape: [4] });
  await assert.rejects(createArray(path, layout), { code: "ZARR_EXISTS" });
  const second = await createArray(path, { ...layout, overwrite: true, zarrFormat: 2 });
  assert.deepEqual(await second.read({ origin: [0], shape: [4] }), new Uint8Array(4));
  await assert.rejects(stat(join(path, "zarr.json")), { code: "ENOENT" });
  await mkdir(join(folder, "mine"));
  await writeFile(join(folder, "mine/thesis.txt"), "");
  const refused = createArray(join(folder, "mine"), { ...layout, overwrite: true });
  await assert.rejects(refused, { code: "ZARR_EXISTS", message: /thesis.txt/ });
});

test("a layout that does not hold is refused before anything is written", async (t) => {
  const folder = await temporaryFolder(t);
  const base = { shape: [8, 8], chunkShape: [4, 4], dtype: "uint16" } as const;
  const cases: readonly (readonly [Partial<CreateOptions>, RegExp])[] = [
    [{ shardShape: [6, 8] }, /expected a shard shape that chunks \[4, 4\] divide, found \[6, 8\]/],
    [{ chunkShape: [4] }, /expected chunks of 2 axes, found \[4\]/],
    [{ chunkShape: [4, 0] }, /expected sizes from 1 to .* in chunk_shape, found 0/],
    [{ zarrFormat: 2, shardShape: [8, 8] }, /expected no shardShape for Zarr v2/],
    [{ zarrFormat: 2, checksum: true }, /expected no checksum for Zarr v2/],
    [{ codec: "gzip", shuffle: "bit" }, /expected no shuffle for codec gzip, found bit/],
    [{ level: 99 }, /expected clevel from 0 to 9, found 99/],
    [{ fillValue: -1 }, /fill value/],
    [{ dimensionNames: ["y"] }, /expected 2 dimension_names/],
  ];
  for (const [change, message] of cases) {
    const made = createArray(join(folder, "a"), { ...base, ...change });
    await assert.rejects(made, { code: "ZARR_METADATA", message });
  }
  assert.deepEqual(await readdir(folder), []);
});

/** A value that the view of any type can hold. */
function sample(view: { readonly [index: number]: unknown }, index: number): never {
  const value = Number(fixtureElement("uint8", index)) % 2;
  return (typeof view[0] === "bigint" ? BigInt(value) : value) as never;
}

test("a folder that cannot be listed is not taken for an empty one", async (t) => {
  const path = join(await temporaryFolder(t), "a");
  const layout = { shape: [4], chunkShape: [2], dtype: "uint16" } as const;
  const array = await createArray(path, layout);
  await array.write(Uint16Array.of(7, 7, 7, 7), { origin: [0], shape: [4] });
  await promises.rm(join(path, "zarr.json")); // its chunks are left
  await assert.rejects(createArray(path, layout), { code: "ZARR_EXISTS" });
  const real = promises.readdir;
  let failures: string[] = [];
  const failing = async (folder: string) => {
    const code = failures.shift();
    if (code === undefined) return real(folder);
    throw Object.assign(new Error("storage did not answer"), { code });
  };
  t.mock.method(promises, "readdir", failing);
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  for (const overwrite of [false, true]) {
    failures = ["EACCES"];
    const refusal = { code: "ZARR_IO", message: /could not list .*did not answer/ };
    await assert.rejects(createArray(path, { ...layout, overwrite }), refusal);
  }
  failures = ["ESTALE", "EIO"];
  await assert.rejects(createArray(path, layout), { code: "ZARR_EXISTS" });
  assert.deepEqual([failures, await real(path)], [[], ["c"]]);
});
