import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import fc from "fast-check";
import { elementBytes, viewOf } from "./dtype.ts";
import { SafetensorsError } from "./errors.ts";
import {
  readSafetensors,
  type SafetensorsDtype,
  type SafetensorsTensor,
  writeSafetensors,
} from "./safetensors.ts";
import {
  elementsOf,
  fixtureElement,
  product,
  pythonSafetensors,
  temporaryFolder,
} from "./test-arrays.ts";

/** Scenario R26: `node packages/zarr/src/safetensors.test.ts 100000` tries as many. */
const numDamages = Number(process.argv[2] ?? 300);

const dtypes: readonly SafetensorsDtype[] = [
  ...(["bool", "int8", "uint8", "int16", "uint16", "float16", "bfloat16"] as const),
  ...(["int32", "uint32", "float32", "complex64", "float64", "int64", "uint64"] as const),
];

test("a file of the Python package reads as it was written, in every type", async () => {
  const { metadata, tensors } = await readSafetensors(pythonSafetensors);
  assert.deepEqual(metadata, { writer: "safetensors" });
  for (const dtype of dtypes) {
    const found = tensors.get(`t.${dtype}`);
    assert.deepEqual([found?.dtype, found?.shape], [dtype, [2, 3, 4]]);
    const view = viewOf(dtype, found?.bytes ?? new Uint8Array());
    const expected = Array.from({ length: 24 }, (_, index) => fixtureElement(dtype, index));
    assert.deepEqual(elementsOf(dtype, view), expected, dtype);
  }
  assert.deepEqual(tensors.get("empty")?.shape, [0, 3]);
  assert.deepEqual(tensors.get("scalar")?.shape, []);
  assert.equal(tensors.size, dtypes.length + 2);
});

test("tensors written are read again, and the same tensors give the same file", async (t) => {
  const folder = await temporaryFolder(t);
  const [a, b] = [join(folder, "a"), join(folder, "b")];
  const tensors = sampleTensors();
  const metadata = { z: "last", format: "pt", "": "empty", __proto__x: "é\u0000" };
  const written = await writeSafetensors(a, tensors, { metadata });
  const bytes = await readFile(a);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  assert.deepEqual(written, { bytes: bytes.length, sha256 });
  const found = await readSafetensors(a);
  assert.deepEqual(found.metadata, metadata);
  assert.deepEqual(new Map([...found.tensors].sort()), new Map([...tensors].sort()));
  const turned = new Map([...tensors].reverse());
  const again = await writeSafetensors(b, turned, {
    metadata: Object.fromEntries(Object.entries(metadata).reverse()),
  });
  assert.equal(again.sha256, sha256);
});

test("tensors are views of one buffer, each aligned to its elements", async (t) => {
  const path = join(await temporaryFolder(t), "a");
  await writeSafetensors(path, sampleTensors());
  const { tensors } = await readSafetensors(path);
  const buffers = new Set([...tensors.values()].map(({ bytes }) => bytes.buffer));
  assert.equal(buffers.size, 1);
  for (const { dtype, bytes } of tensors.values()) {
    assert.equal(bytes.byteOffset % elementBytes(dtype), 0);
  }
});

test("a tensor that another writer left unaligned is aligned on reading", async (t) => {
  const path = join(await temporaryFolder(t), "a");
  const header = {
    a: { dtype: "U8", shape: [1], data_offsets: [0, 1] },
    b: { dtype: "F32", shape: [1], data_offsets: [1, 5] },
  };
  await writeFile(path, file(JSON.stringify(header), Buffer.from([7, 0, 0, 128, 63])));
  const { tensors } = await readSafetensors(path);
  const bytes = tensors.get("b")?.bytes ?? new Uint8Array();
  assert.deepEqual(viewOf("float32", bytes), Float32Array.of(1));
});

test("an empty file of tensors, and one of many megabytes, come back", async (t) => {
  const folder = await temporaryFolder(t);
  await writeSafetensors(join(folder, "none"), new Map());
  assert.equal((await readSafetensors(join(folder, "none"))).tensors.size, 0);
  const bytes = Uint8Array.from({ length: 20e6 }, (_, index) => (index * 31) >> 8);
  const tensor = { dtype: "uint8", shape: [20e6], bytes } as const;
  await writeSafetensors(join(folder, "big"), new Map([["x", tensor]]));
  const found = (await readSafetensors(join(folder, "big"))).tensors.get("x");
  assert.ok(Buffer.from(bytes).equals(found?.bytes ?? new Uint8Array()));
});

const f32 = (begin: number, end: number, shape: unknown = [(end - begin) / 4]) => ({
  dtype: "F32",
  shape,
  data_offsets: [begin, end],
});

const hostile: readonly (readonly [name: string, header: string, data: number, message: RegExp])[] =
  [
    ["overlapping tensors", JSON.stringify({ a: f32(0, 8), b: f32(4, 12) }), 12, /offset/i],
    ["a hole", JSON.stringify({ a: f32(0, 4), b: f32(8, 12) }), 12, /offset/i],
    ["a hole at the start", JSON.stringify({ a: f32(4, 8) }), 8, /offset/i],
    [
      "data outside the file",
      JSON.stringify({ a: f32(0, 400) }),
      4,
      /tensors of 4 bytes .* found 400/,
    ],
    [
      "data that no tensor has",
      JSON.stringify({ a: f32(0, 4) }),
      8,
      /tensors of 8 bytes .* found 4/,
    ],
    ["an end before the start", JSON.stringify({ a: f32(8, 0, [2]) }), 8, /./],
    ["a shape of other size", JSON.stringify({ a: f32(0, 4, [2]) }), 4, /./],
    [
      "a shape that overflows",
      JSON.stringify({ a: f32(0, 4, [2 ** 40, 2 ** 40]) }),
      4,
      /overflow/i,
    ],
    ["a negative size", JSON.stringify({ a: f32(0, 4, [-1]) }), 4, /./],
    [
      "a name twice",
      `{"a":${JSON.stringify(f32(0, 4))},"a":${JSON.stringify(f32(0, 4))}}`,
      4,
      /found twice/,
    ],
    ["a key of the metadata twice", '{"__metadata__":{"k":"1","k":"2"}}', 0, /found twice/],
    ["metadata that is no text", '{"__metadata__":{"k":1}}', 0, /string/],
    [
      "a name that climbs",
      JSON.stringify({ "../../x": f32(0, 4) }),
      4,
      /no path upwards, found "..\/..\/x"/,
    ],
    ["an absolute name", JSON.stringify({ "/etc/x": f32(0, 4) }), 4, /no path upwards/],
    ["no name", JSON.stringify({ "": f32(0, 4) }), 4, /no path upwards/],
    ["an unknown type", JSON.stringify({ a: { ...f32(0, 4), dtype: "F33" } }), 4, /F33/],
    ["a list", "[]", 0, /an object of tensors/],
    ["no JSON", "{", 0, /./],
    ["deep JSON", `{"a":${"[".repeat(1e5)}`, 0, /./],
  ];

test("a header that lies is refused, by path and reason", async (t) => {
  const path = join(await temporaryFolder(t), "a");
  for (const [name, header, data, message] of hostile) {
    await writeFile(path, file(header, Buffer.alloc(data)));
    await assert.rejects(
      readSafetensors(path),
      { code: "SAFETENSORS_HEADER", path, message },
      name,
    );
  }
});

test("a header length that lies is refused before memory is taken", async (t) => {
  const path = join(await temporaryFolder(t), "a");
  for (const length of [2n ** 63n, 2n ** 64n - 1n, 100_000_001n, 3n]) {
    const start = Buffer.alloc(8 + 2, "{}");
    start.writeBigUInt64LE(length);
    await writeFile(path, start);
    const message = /expected a header of at most 2 bytes, found \d+/;
    await assert.rejects(readSafetensors(path), { code: "SAFETENSORS_HEADER", message });
  }
  await writeFile(path, "short");
  const message = /expected at least 8 bytes, found 5/;
  await assert.rejects(readSafetensors(path), { code: "SAFETENSORS_HEADER", message });
});

test("a type that the engine does not have is refused by name of tensor", async (t) => {
  const path = join(await temporaryFolder(t), "a");
  const header = { w: { dtype: "F8_E4M3", shape: [2], data_offsets: [0, 2] } };
  await writeFile(path, file(JSON.stringify(header), Buffer.alloc(2)));
  const message = /tensor "w": expected a type of BOOL, .* found F8_E4M3/;
  await assert.rejects(readSafetensors(path), { code: "SAFETENSORS_DTYPE", message });
});

test("any damage to a file is an error of ours, or leaves a file that holds together", async (t) => {
  const path = join(await temporaryFolder(t), "a");
  await writeSafetensors(path, sampleTensors(), { metadata: { k: "v" } });
  const bytes = await readFile(path);
  const places = fc.array(fc.tuple(fc.nat(Math.min(bytes.length, 900) - 1), fc.nat(255)), {
    minLength: 1,
    maxLength: 3,
  });
  const one = fc.asyncProperty(places, fc.nat(bytes.length), async (changes, length) => {
    const damaged = Buffer.from(bytes.subarray(0, changes.length === 1 ? bytes.length : length));
    for (const [at, value] of changes) if (at < damaged.length) damaged.writeUInt8(value, at);
    await writeFile(path, damaged);
    const outcome = await readSafetensors(path).catch((error: unknown) => error);
    if (outcome instanceof Error) assert.ok(outcome instanceof SafetensorsError, String(outcome));
  });
  await fc.assert(one, { numRuns: numDamages, seed: 26 });
});

test("tensors that cannot be written are refused, and the old file stays", async (t) => {
  const path = join(await temporaryFolder(t), "a");
  await writeFile(path, "before");
  const tensor = { dtype: "float32", shape: [2], bytes: new Uint8Array(8) } as const;
  const cases: readonly (readonly [string, SafetensorsTensor, string, RegExp])[] = [
    [
      "x",
      { ...tensor, shape: [3] },
      "SAFETENSORS_HEADER",
      /"x": expected 12 bytes for \[3\] of float32, found 8/,
    ],
    ["x", { ...tensor, shape: [-2] }, "SAFETENSORS_HEADER", /expected -8 bytes/],
    ["../x", tensor, "SAFETENSORS_HEADER", /no path upwards/],
    ["__metadata__", tensor, "SAFETENSORS_HEADER", /no path upwards/],
    ["x", { ...tensor, dtype: "complex128" as "float32" }, "SAFETENSORS_DTYPE", /found complex128/],
  ];
  for (const [name, bad, code, message] of cases) {
    const write = writeSafetensors(path, new Map([[name, bad]]));
    await assert.rejects(write, { code, message, path });
  }
  assert.equal(await readFile(path, "utf8"), "before");
});

test("a save that is aborted, or that the disk refuses, leaves the old file and no other", async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, "a");
  await writeFile(path, "before");
  const tensor = { dtype: "uint8", shape: [64e6], bytes: new Uint8Array(64e6) } as const;
  const controller = new AbortController();
  const write = writeSafetensors(path, new Map([["x", tensor]]), { signal: controller.signal });
  controller.abort(new Error("enough"));
  await assert.rejects(write, { message: "enough" });
  const script = `
    import { writeSafetensors } from ${JSON.stringify(new URL("./safetensors.ts", import.meta.url))};
    const tensor = { dtype: "uint8", shape: [1e6], bytes: new Uint8Array(1e6) };
    await writeSafetensors(${JSON.stringify(path)}, new Map([["x", tensor]])).catch((error) =>
      console.log(error.code, error.message));`;
  const command = 'trap "" XFSZ; ulimit -f 64; exec "$0" --input-type=module -e "$1"';
  const { stdout } = await promisify(execFile)("sh", ["-c", command, process.execPath, script]);
  assert.match(stdout, /^SAFETENSORS_IO could not write .*\/a: File too large/);
  assert.deepEqual(await readdir(folder), ["a"]);
  assert.equal(await readFile(path, "utf8"), "before");
});

test("a file that is not there is SAFETENSORS_IO", async (t) => {
  const path = join(await temporaryFolder(t), "none");
  await assert.rejects(readSafetensors(path), {
    code: "SAFETENSORS_IO",
    path,
    message: /found none/,
  });
});

function sampleTensors(): Map<string, SafetensorsTensor> {
  const shapes = [[2, 3], [0], [], [5, 1, 2]];
  const named = dtypes.map((dtype, index) => {
    const shape = shapes[index % shapes.length] ?? [];
    const length = product(shape) * elementBytes(dtype);
    const bytes = Uint8Array.from({ length }, (_, at) => at + index);
    return [`layer.${index}/${dtype}`, { dtype, shape, bytes }] as const;
  });
  return new Map(named);
}

function file(header: string, data: Buffer): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
  return Buffer.concat([length, Buffer.from(header), data]);
}
