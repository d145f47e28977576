import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { crc32, deflateSync } from "node:zlib";
import { DataError } from "../errors.ts";
import { pngBytes } from "./png.fixture.ts";
import { readPng } from "./png.ts";

const folder = mkdtempSync(join(tmpdir(), "png-"));
after(() => rmSync(folder, { recursive: true }));

const pixels = Uint16Array.from({ length: 30 }, (_, i) => 2000 * i + 1);
const whole = pngBytes(pixels, { width: 6, height: 5 });

test("16 bits and 8 bits a sample, whatever the filters of the rows", async () => {
  const words = await readPng(file(whole));
  assert.deepEqual([words.height, words.width, words.sampleType], [5, 6, "uint16"]);
  assert.deepEqual([...words.pixels], [...pixels]);
  const bytes = Uint8Array.from(pixels);
  assert.deepEqual(
    [...(await readPng(file(pngBytes(bytes, { width: 5, height: 6 })))).pixels],
    [...bytes],
  );
});

for (const [what, bytes, sentence] of [
  ["whose pixels unpack to more than its header says", streamOf(4e6), /do not decode/],
  ["whose pixels unpack to less", streamOf(64), /decode to 64 bytes; expected 65/],
  ["that claims more than it can hold", withWord(16, 2 ** 20), /claims 1048576 x 5 .* can hold/],
  ["that claims no pixels", withWord(20, 0), /claims 6 x 0/],
  [
    "that was cut off",
    whole.subarray(0, -20),
    /should lie at bytes 37 to 104, but the file has 96/,
  ],
  ["with a flipped bit", flipped(whole.length - 20), /checksum is another/],
] as const) {
  test(`a PNG ${what} is refused by name`, async () => {
    await assert.rejects(
      readPng(file(bytes)),
      (error) =>
        error instanceof DataError && error.code === "DATA_PNG" && sentence.test(error.message),
    );
  });
}

function file(bytes: Buffer): string {
  const path = join(folder, "one.png");
  writeFileSync(path, bytes);
  return path;
}

/** The same PNG, with other pixels: zeros that unpack to `length` bytes. */
function streamOf(length: number): Buffer {
  const data = Buffer.concat([Buffer.from("IDAT"), deflateSync(Buffer.alloc(length))]);
  const words = Buffer.alloc(8);
  words.writeUInt32BE(data.length - 4, 0);
  words.writeUInt32BE(crc32(data), 4);
  const end = whole.subarray(-12);
  return Buffer.concat([whole.subarray(0, 33), words.subarray(0, 4), data, words.subarray(4), end]);
}

/** The same PNG, with another number in its header. */
function withWord(at: number, value: number): Buffer {
  const bytes = Buffer.from(whole);
  bytes.writeUInt32BE(value, at);
  bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);
  return bytes;
}

function flipped(at: number): Buffer {
  const bytes = Buffer.from(whole);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes;
}
