// Scenario R14: damage of every kind to the files of an array, and nothing but an error or the right
// voxels. `node packages/zarr/src/mutation.test.ts 1000` tries as many as it is told.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { promisify } from "node:util";
import { createZstdCompress, gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import type { ZarrArray } from "./array.ts";
import type { ArrayLayout } from "./array-document.ts";
import { ChunkCache } from "./chunk-cache.ts";
import { createArray } from "./create-array.ts";
import { ZarrError } from "./errors.ts";
import { openArray } from "./open-array.ts";
import type { StorageReport } from "./storage-report.ts";
import { fixtureArrays, product, temporaryFolder, unpacked } from "./test-arrays.ts";

const run = promisify(execFile);
const numMutations = Number(process.argv[2] ?? 150);

const base = { shape: [12, 40, 40], chunkShape: [4, 16, 16], dtype: "uint16" } as const;
const sharded = { ...base, shardShape: [12, 48, 48] };
const whole = { origin: [0, 0, 0], shape: base.shape };

/** Arrays in which nothing can be damaged unnoticed. */
const guarded: readonly ArrayLayout[] = [
  base,
  sharded,
  { ...sharded, codec: "blosc-lz4", shuffle: "byte" },
  { ...sharded, codec: "zstd" },
  { ...sharded, codec: "gzip" },
  { ...base, codec: "none" },
];

type Mutation = (file: string, bytes: Buffer, draw: (below: number) => number) => Promise<void>;

const mutations: Readonly<Record<string, Mutation>> = {
  bit: (file, bytes, draw) => {
    const at = draw(bytes.length);
    bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << draw(8)), at);
    return writeFile(file, bytes);
  },
  "bit near the end": (file, bytes, draw) => {
    const at = bytes.length - 1 - draw(Math.min(bytes.length, 600));
    bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << draw(8)), at);
    return writeFile(file, bytes);
  },
  "bit in the first bytes": (file, bytes, draw) => {
    const at = draw(Math.min(bytes.length, 40));
    bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << draw(8)), at);
    return writeFile(file, bytes);
  },
  "cut short": (file, bytes, draw) => truncate(file, draw(bytes.length)),
  longer: (file, bytes, draw) =>
    writeFile(file, Buffer.concat([bytes, Buffer.alloc(1 + draw(64))])),
  "page of zeros": (file, bytes, draw) => {
    const at = draw(bytes.length);
    return writeFile(file, bytes.fill(0, at, Math.min(bytes.length, at + 512)));
  },
  "part put elsewhere": (file, bytes, draw) => {
    const [from, to] = [draw(bytes.length), draw(bytes.length)];
    bytes.copy(bytes, to, from, from + 1 + draw(200));
    return writeFile(file, bytes);
  },
  folder: async (file) => {
    await rm(file);
    await mkdir(file);
  },
  fifo: async (file) => {
    await rm(file);
    await run("mkfifo", [file]);
  },
  "link to itself": async (file) => {
    await rm(file);
    await symlink(file, file);
  },
  "huge and sparse": (file) => truncate(file, 2 ** 42),
  nothing: () => Promise.resolve(),
};

test("no damage to a checksummed array passes for voxels", async (t) => {
  const folder = await temporaryFolder(t);
  const golden = noise(product(base.shape));
  const subjects = await Promise.all(
    guarded.map(async (layout, index) => {
      const array = await createArray(join(folder, String(index)), layout);
      await array.write(golden, whole);
      return { array, files: await chunkFiles(array) };
    }),
  );
  const found = { refused: 0, intact: 0 };
  const drawn = fc.record({
    subject: fc.constantFrom(...subjects),
    name: fc.constantFrom(...Object.keys(mutations)),
    // Without a cache, with one that holds some of the chunks, with one that holds them all.
    cacheBytes: fc.constantFrom(0, 10_000, 1e6),
    numbers: fc.infiniteStream(fc.integer({ min: 0, max: 2 ** 31 - 1 })),
  });
  const one = fc.asyncProperty(drawn, async ({ subject, name, cacheBytes, numbers }) => {
    const { files } = subject;
    const draw = (below: number) => (numbers.next().value ?? 0) % below;
    const file = files[draw(files.length)] ?? "";
    const bytes = await readFile(file);
    await mutations[name]?.(file, Buffer.from(bytes), draw);
    try {
      const cache = cacheBytes > 0 ? new ChunkCache({ bytes: cacheBytes }) : undefined;
      const array = await openArray(subject.array.path, { cache });
      const read = async () => {
        const memory = new Uint16Array(golden.length);
        const outcome = await array.readInto(memory, whole).catch((error: unknown) => error);
        if (outcome instanceof Error) {
          assertNamesChunk(outcome, array, file);
          found.refused += 1;
          return;
        }
        const { chunks, missingChunks, retries } = outcome as StorageReport;
        assert.deepEqual([chunks, missingChunks, retries], [27, 0, 0]);
        assert.ok(
          Buffer.from(memory.buffer).equals(Buffer.from(golden.buffer)),
          `${name}: ${file}`,
        );
        found.intact += 1;
      };
      await Promise.all([read(), read()]); // in flight together, they share what is decoded
      await read();
    } finally {
      await rm(file, { recursive: true, force: true });
      await writeFile(file, bytes);
    }
  });
  await fc.assert(one, { numRuns: numMutations, seed: 14 });
  t.diagnostic(`${numMutations} mutations: ${found.refused} reads refused, ${found.intact} right`);
  assert.ok(found.refused > 1.5 * numMutations && found.intact > 0);
});

test("damage to an array without checksums is an error or wrong voxels, never a crash", async (t) => {
  const folder = await temporaryFolder(t);
  for (const [index, codec] of (["blosc-zstd", "blosc-lz4", "zstd", "gzip"] as const).entries()) {
    const layout = { ...base, codec, checksum: false } as const;
    const array = await createArray(join(folder, String(index)), layout);
    await array.write(noise(product(base.shape)), whole);
    const [file = ""] = await chunkFiles(array);
    const bytes = await readFile(file);
    const damage = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), {
      minLength: 1,
      maxLength: 4,
    });
    const one = fc.asyncProperty(damage, fc.nat(15), async (places, corner) => {
      const damaged = Buffer.from(bytes);
      for (const [at, value] of places) damaged.writeUInt8(value, at);
      await writeFile(file, damaged);
      const part = { origin: [0, corner, corner], shape: [2, 1, 1] };
      const cache = new ChunkCache({ bytes: 1e6 });
      const cached = await openArray(array.path, { cache });
      const reads = [array, cached].flatMap((each) =>
        [part, whole, part].map((region) => each.read(region).catch((error: unknown) => error)),
      );
      for (const outcome of await Promise.all(reads)) {
        if (outcome instanceof Error) assertNamesChunk(outcome, array, file);
      }
    });
    await fc.assert(one, { numRuns: Math.ceil(numMutations / 4), seed: 15 });
  }
});

test("damage to frames that are left to c-blosc never crashes", async (t) => {
  const folder = await temporaryFolder(t);
  const others = (await fixtureArrays()).filter(({ name }) =>
    /blosc-(blosclz|lz4hc|zlib)$/.test(name),
  );
  for (const fixture of others) {
    const array = await openArray(await unpacked(fixture, folder));
    const [file = ""] = await chunkFiles(array);
    const bytes = await readFile(file);
    const one = fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(255), async (at, value) => {
      const damaged = Buffer.from(bytes);
      damaged.writeUInt8(value, at);
      await writeFile(file, damaged);
      const region = { origin: [0, 0, 0], shape: array.shape };
      const outcome = await array.read(region).catch((error: unknown) => error);
      if (outcome instanceof Error) assertNamesChunk(outcome, array, file);
    });
    await fc.assert(one, { numRuns: numMutations, seed: 17 });
  }
});

test("every header of a blosc frame that lies is refused, and none takes memory", async (t) => {
  const folder = await temporaryFolder(t);
  const array = await createArray(join(folder, "a"), { ...base, checksum: false });
  await array.write(noise(product(base.shape)), whole);
  const [file = ""] = await chunkFiles(array);
  const bytes = await readFile(file);
  const word = fc.oneof(fc.constantFrom(0, 1, 15, 16, 2 ** 31, 2 ** 32 - 1), fc.nat(2 ** 32 - 1));
  const one = fc.asyncProperty(fc.nat(10), word, async (place, value) => {
    const damaged = Buffer.from(bytes);
    damaged.writeUInt32LE(value, 4 * place);
    await writeFile(file, damaged);
    const outcome = await array
      .read({ origin: [0, 0, 0], shape: [4, 16, 16] })
      .catch((e: unknown) => e);
    if (outcome instanceof Error) assertNamesChunk(outcome, array, file);
  });
  await fc.assert(one, { numRuns: numMutations, seed: 16 });
});

test("a chunk that would decode to more than it should is refused in the memory of one", async (t) => {
  const folder = await temporaryFolder(t);
  const bomb = Buffer.alloc(40e6);
  for (const [codec, bytes] of [
    ["gzip", gzipSync(bomb)],
    ["zstd", zstdCompressSync(bomb)],
  ] as const) {
    const layout = {
      shape: [64, 512],
      chunkShape: [64, 512],
      dtype: "uint8",
      checksum: false,
    } as const;
    const array = await createArray(join(folder, codec), { ...layout, codec });
    await mkdir(join(array.path, "c/0"), { recursive: true });
    assert.ok(bytes.length < 64 * 512 + 4096 || codec === "gzip");
    await writeFile(join(array.path, "c/0/0"), bytes);
    const script = `
      import { openArray, setThreads } from ${JSON.stringify(new URL("./index.ts", import.meta.url))};
      setThreads(2); // a machine of many cores has many decoders
      const array = await openArray(${JSON.stringify(array.path)});
      const region = { origin: [0, 0], shape: [1, 1] };
      const read = () => array.read(region).then(() => "read", (error) => error.code);
      console.log(await read());
      const before = process.resourceUsage().maxRSS;
      for (let i = 0; i < 20; i++) await read();
      console.log(process.resourceUsage().maxRSS - before);`;
    const { stdout } = await run(process.execPath, ["--input-type=module", "-e", script]);
    const [code, grownKb] = stdout.trim().split("\n");
    assert.equal(code, "ZARR_CHUNK");
    assert.ok(Number(grownKb) < 20_000, `${codec}: memory grew by ${grownKb} KB`);
  }
});

test("a chunk of another size than the array's is refused, whichever part is read", async (t) => {
  const folder = await temporaryFolder(t);
  const layout = { shape: [64, 512], chunkShape: [64, 512], dtype: "uint8" } as const;
  for (const [name, bytes] of [
    ["short", zstdCompressSync(Buffer.alloc(32 * 512, 1))],
    ["of no stated size", await streamed(Buffer.alloc(32 * 512, 1))],
  ] as const) {
    const options = { ...layout, codec: "zstd", checksum: false } as const;
    const array = await createArray(join(folder, name), options);
    await mkdir(join(array.path, "c/0"), { recursive: true });
    await writeFile(join(array.path, "c/0/0"), bytes);
    for (const row of [0, 31, 32]) {
      const read = array.read({ origin: [row, 0], shape: [1, 512] });
      await assert.rejects(read, { code: "ZARR_CHUNK", chunk: [0, 0] }, `${name}, row ${row}`);
    }
  }
});

/** In a frame that does not say how much it holds. */
async function streamed(plain: Buffer): Promise<Buffer> {
  const stream = createZstdCompress();
  stream.write(plain.subarray(0, 1000));
  stream.end(plain.subarray(1000));
  return buffer(stream);
}

test("an index that points outside its shard, or at another chunk's bytes, is refused", async (t) => {
  const folder = await temporaryFolder(t);
  const array = await createArray(join(folder, "a"), sharded);
  await array.write(noise(product(base.shape)), whole);
  const [file = ""] = await chunkFiles(array);
  const bytes = await readFile(file);
  const index = bytes.length - (27 * 16 + 4);
  for (const [offset, length] of [
    [2n ** 63n, 16n],
    [2n ** 64n - 1n, 16n],
    [0n, 2n ** 64n - 2n],
    [BigInt(bytes.length), 1n],
    [0n, BigInt(bytes.length)],
    [3n, 1000n],
    [0n, 0n],
  ] as const) {
    const damaged = Buffer.from(bytes);
    damaged.writeBigUInt64LE(offset, index);
    damaged.writeBigUInt64LE(length, index + 8);
    damaged.writeUInt32LE(crc32c(damaged.subarray(index, -4)), bytes.length - 4);
    await writeFile(file, damaged);
    const read = array.read({ origin: [0, 0, 0], shape: [1, 1, 1] });
    await assert.rejects(read, { code: "ZARR_CHUNK", chunk: [0, 0, 0] });
  }
});

test("an index that names the same bytes again and again makes no huge shard", async (t) => {
  const folder = await temporaryFolder(t);
  const array = await createArray(join(folder, "a"), sharded);
  await array.write(noise(product(base.shape)), whole);
  const [file = ""] = await chunkFiles(array);
  const bytes = await readFile(file);
  const index = bytes.length - (27 * 16 + 4);
  for (let chunk = 0; chunk < 27; chunk++) {
    bytes.writeBigUInt64LE(0n, index + 16 * chunk);
    bytes.writeBigUInt64LE(BigInt(4 * 16 * 16 * 2), index + 16 * chunk + 8);
  }
  bytes.writeUInt32LE(crc32c(bytes.subarray(index, -4)), bytes.length - 4);
  await writeFile(file, bytes);
  const chunk = { origin: [0, 0, 0], shape: base.chunkShape };
  await assert.rejects(array.write(new Uint16Array(product(base.chunkShape)), chunk), {
    code: "ZARR_CHUNK",
    message: /expected chunks of at most \d+ bytes together in .*, its index says \d+/,
  });
  assert.ok((await readFile(file)).equals(bytes));
  assert.deepEqual(await chunkFiles(array), [file]);
});

test("a damaged array that is opened anew says the same", async (t) => {
  const folder = await temporaryFolder(t);
  const array = await createArray(join(folder, "a"), sharded);
  await array.write(noise(product(base.shape)), whole);
  const [file = ""] = await chunkFiles(array);
  await truncate(file, 100);
  const again = await openArray(array.path);
  await assert.rejects(again.read(whole), {
    code: "ZARR_CHUNK",
    message: /expected a shard index of 436 bytes in .*, the file has 100/,
  });
});

function assertNamesChunk(error: Error, array: ZarrArray, file: string): void {
  assert.ok(error instanceof ZarrError, String(error.stack));
  assert.ok(["ZARR_CHUNK", "ZARR_IO"].includes(error.code), error.message);
  assert.equal(error.path, array.path);
  assert.equal(error.chunk?.length, array.shape.length);
  assert.ok(error.message.includes(file), error.message);
}

async function chunkFiles({ path }: ZarrArray): Promise<string[]> {
  const entries = await readdir(join(path, "c"), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map((entry) => join(entry.parentPath, entry.name)).sort();
}

function noise(length: number): Uint16Array {
  const mixed = (i: number) => Math.imul(i ^ (i >>> 7), 2654435761) >>> 13;
  return Uint16Array.from({ length }, (_, i) => (mixed(mixed(i)) & 0x3f) + (i >> 6));
}

/** Castagnoli's polynomial, bit by bit. */
function crc32c(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc >>> 0;
}
