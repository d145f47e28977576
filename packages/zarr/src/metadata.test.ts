// Scenario R16: metadata that lies. Nothing is allocated for what it says before it is checked.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import fc from "fast-check";
import { zarray, zarrJson } from "./array-document.ts";
import { createArray } from "./create-array.ts";
import { documentText, type JsonObject } from "./documents.ts";
import { ZarrError } from "./errors.ts";
import { openArray } from "./open-array.ts";
import type { StorageReport } from "./storage-report.ts";
import { temporaryFolder } from "./test-arrays.ts";

const layout = { shape: [8, 8], chunkShape: [4, 4], shardShape: [8, 8], dtype: "uint16" } as const;
const v3 = zarrJson(layout);
const v2 = zarray({ ...layout, shardShape: undefined }, "");

const bytes = { name: "bytes", configuration: { endian: "little" } };
const grid = (chunk_shape: unknown) => ({
  chunk_grid: { name: "regular", configuration: { chunk_shape } },
});
const sharding = (configuration: object) => ({
  codecs: [
    {
      name: "sharding_indexed",
      configuration: {
        chunk_shape: [4, 4],
        codecs: [bytes],
        index_codecs: [bytes, { name: "crc32c" }],
        ...configuration,
      },
    },
  ],
});

const refused: readonly (readonly [name: string, change: JsonObject, message: RegExp])[] = [
  ["a size beyond 2^53", { shape: [2 ** 53, 8] }, /sizes from 0 to 9007199254740991 in shape/],
  ["a negative size", { shape: [-1, 8] }, /sizes from 0 .* found -1/],
  ["a size that is no integer", { shape: [1.5, 8] }, /found 1.5/],
  ["sizes that are words", { shape: ["8", 8] }, /found "8"/],
  ["no shape", { shape: null }, /expected shape to be a list/],
  ["a hundred thousand axes", { shape: new Array(1e5).fill(1) }, /axes in shape, found 100000/],
  ["a chunk of nothing", grid([0, 4]), /sizes from 1 to .* in chunk_shape, found 0/],
  ["chunks of another rank", { ...grid([4]), codecs: [bytes] }, /expected chunks of 2 axes/],
  [
    "a chunk of a terabyte",
    { ...grid([2 ** 20, 2 ** 20]), codecs: [bytes] },
    /at most 2147483647 bytes/,
  ],
  ["a chunk of 2^106 bytes", { ...grid([2 ** 53 - 1, 2 ** 53 - 1]), codecs: [bytes] }, /at most/],
  ["a shard of 2^40 chunks", { ...grid([2 ** 22, 2 ** 22]) }, /at most 4194304 chunks in a shard/],
  ["a shard that chunks do not divide", grid([6, 8]), /chunks \[4, 4\] divide, found \[6, 8\]/],
  ["another chunk grid", { chunk_grid: { name: "rectilinear" } }, /regular chunk grid/],
  ["an unknown key encoding", { chunk_key_encoding: { name: "../x" } }, /default or v2/],
  [
    "a separator that climbs",
    { chunk_key_encoding: { name: "default", configuration: { separator: "/../" } } },
    /separator of \/ or \./,
  ],
  ["an unknown codec", { codecs: [bytes, { name: "rot13" }] }, /rot13/],
  ["a codec that is no codec", { codecs: [7] }, /./],
  ["no codecs", { codecs: [] }, /./],
  [
    "two compressors",
    { codecs: [bytes, { name: "gzip" }, { name: "zstd" }] },
    /at most one compressor/,
  ],
  [
    "sharding inside a chain",
    { codecs: [...sharding({}).codecs, { name: "gzip" }] },
    /one level deep/,
  ],
  ["sharding in sharding", sharding(sharding({})), /one level deep/],
  [
    "a shard index that is compressed",
    sharding({ index_codecs: [bytes, { name: "gzip" }] }),
    /shard index/,
  ],
  ["an index in the middle", sharding({ index_location: "middle" }), /index_location start or end/],
  [
    "a blosc of nonsense",
    sharding({ codecs: [bytes, { name: "blosc", configuration: { cname: "x" } }] }),
    /"x"/,
  ],
  ["bytes of no order", sharding({ codecs: [{ name: "bytes" }] }), /endian little or big/],
  ["NaN for a whole number", { fill_value: "NaN" }, /fill value of uint16, found/],
  ["a fill value out of range", { fill_value: 65536 }, /fill value of uint16, found/],
  ["a field to be understood", { magic: { must_understand: true } }, /found "magic"/],
  ["a storage transformer", { storage_transformers: [{ name: "x" }] }, /no storage transformer/],
  ["another format", { zarr_format: 4 }, /./],
  ["names for other axes", { dimension_names: ["y"] }, /expected 2 dimension_names/],
  ["attributes that are a list", { attributes: [] }, /attributes to be an object/],
];

test("zarr.json that lies is refused, by path and reason", async (t) => {
  const folder = await temporaryFolder(t);
  for (const [name, change, message] of refused) {
    await writeFile(join(folder, "zarr.json"), documentText({ ...v3, ...change }));
    const isIt = (error: unknown) =>
      error instanceof ZarrError &&
      error.code === "ZARR_METADATA" &&
      error.message.startsWith(folder) &&
      message.test(error.message);
    await assert.rejects(openArray(folder), isIt, name);
  }
});

test(".zarray that lies is refused, by path and reason", async (t) => {
  const folder = await temporaryFolder(t);
  for (const [change, code, message] of [
    [{ chunks: [0, 4] }, "ZARR_METADATA", /found 0/],
    [{ chunks: [4] }, "ZARR_METADATA", /expected chunks of 2 axes/],
    [{ dimension_separator: "../" }, "ZARR_METADATA", /separator/],
    [{ compressor: { id: "bz2" } }, "ZARR_METADATA", /blosc, zstd, gzip, zlib or lz4/],
    [{ compressor: { id: "blosc", shuffle: 7 } }, "ZARR_METADATA", /shuffle of -1 to 2/],
    [{ filters: [{ id: "pickle" }] }, "ZARR_METADATA", /pickle/],
    [{ order: "K" }, "ZARR_METADATA", /./],
    [{ dtype: "|O" }, "ZARR_DTYPE", /./],
    [{ dtype: "<U8" }, "ZARR_DTYPE", /./],
    [{ dtype: [["a", "<u2"]] }, "ZARR_DTYPE", /./],
  ] as const) {
    await writeFile(join(folder, ".zarray"), documentText({ ...v2, ...change }));
    await assert.rejects(openArray(folder), { code, message });
  }
});

test("a type that is no number is refused as ZARR_DTYPE", async (t) => {
  const folder = await temporaryFolder(t);
  for (const data_type of [
    "string",
    "int4",
    "r24",
    "float8_e4m3",
    "numpy.datetime64",
    "nonsense",
  ]) {
    await writeFile(join(folder, "zarr.json"), documentText({ ...v3, data_type, fill_value: 0 }));
    await assert.rejects(openArray(folder), { code: "ZARR_DTYPE" }, data_type);
  }
});

test("what is no document of ours is refused: too large, too deep, a folder, a loop, no JSON", async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, "zarr.json");
  const deep = `{"zarr_format":3,"node_type":"array","x":${"[".repeat(1e5)}${"]".repeat(1e5)}}`;
  const many = `{"a":[${"[],".repeat(6e5)}0]}`;
  for (const [text, message] of [
    ["", /JSON/],
    ["{", /JSON/],
    ["[]", /a JSON object/],
    ["null", /a JSON object/],
    [deep, /at most 100 lists in lists/],
    [many, /at most 500000 values/],
    [`{"a":"${"x".repeat(9e6)}"}`, /at most 8388608 bytes, found 9000008/],
  ] as const) {
    await writeFile(path, text);
    await assert.rejects(openArray(folder), { code: "ZARR_METADATA", message });
  }
  const attributes = { text: `[[\\"{,${"[".repeat(200)}` }; // in a text it counts for nothing
  await writeFile(path, documentText({ ...v3, attributes }));
  assert.deepEqual((await openArray(folder)).attributes, attributes);
  await mkdir(join(folder, "a/zarr.json"), { recursive: true });
  await assert.rejects(openArray(join(folder, "a")), { code: "ZARR_METADATA" });
  await symlink("loop", join(folder, "loop"));
  await assert.rejects(openArray(join(folder, "loop")), { code: "ZARR_IO" });
});

test("any JSON in any place is read or refused, never more", async (t) => {
  const folder = await temporaryFolder(t);
  const keys = Object.keys(v3);
  const one = fc.asyncProperty(fc.constantFrom(...keys), fc.jsonValue(), async (key, value) => {
    await writeFile(join(folder, "zarr.json"), JSON.stringify({ ...v3, [key]: value }));
    const outcome = await openArray(folder).catch((error: unknown) => error);
    if (outcome instanceof Error) assert.ok(outcome instanceof ZarrError, String(outcome));
  });
  await fc.assert(one, { numRuns: 150, seed: 5 });
});

test("opening an array that declares much takes little memory, and a read says what is missing", async (t) => {
  const path = join(await temporaryFolder(t), "vast");
  const shape = [2 ** 50, 2 ** 20, 2 ** 20];
  const chunkShape = [512, 1024, 1024];
  await createArray(path, { shape, chunkShape, dtype: "uint16" });
  const script = `
    import { openArray, setThreads } from ${JSON.stringify(new URL("./index.ts", import.meta.url))};
    setThreads(2);
    const before = process.resourceUsage().maxRSS;
    const array = await openArray(${JSON.stringify(path)});
    const region = { origin: [2 ** 49, 7, 7], shape: [3, 3, 3] };
    const report = await array.readInto(new Uint16Array(27), region);
    const refusal = await array.read({ origin: [0, 0, 0], shape: array.shape }).catch((e) => e.code);
    console.log(JSON.stringify([report, refusal, process.resourceUsage().maxRSS - before]));`;
  const args = ["--input-type=module", "-e", script];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const [report, refusal, grownKb] = JSON.parse(stdout) as [StorageReport, string, number];
  assert.deepEqual([report.chunks, report.missingChunks], [1, 1]);
  assert.equal(refusal, "ZARR_BOUNDS");
  assert.ok(grownKb < 50_000, `memory grew by ${grownKb} KB`);
});

test("attributes named like parts of an object are only attributes", async (t) => {
  const folder = await temporaryFolder(t);
  const text = documentText(v3).replace(
    '"attributes": {}',
    '"attributes": {"__proto__": {"x": 1}}',
  );
  await writeFile(join(folder, "zarr.json"), text);
  const { attributes } = await openArray(folder);
  assert.deepEqual(Object.keys(attributes), ["__proto__"]);
  assert.equal(({} as { x?: number }).x, undefined);
});
