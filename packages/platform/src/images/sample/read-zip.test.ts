import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import { readZip } from "./read-zip.ts";

/** A zip of stored files; `claimed` is the size that its entries claim instead of their own. */
function zipOf(files: Readonly<Record<string, string>>, claimed?: number): Buffer {
  const parts: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of Object.entries(files)) {
    const [nameBytes, data] = [Buffer.from(name), Buffer.from(text)];
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt32LE(crc32(data), 10);
    fields.writeUInt32LE(data.length, 14);
    fields.writeUInt32LE(claimed ?? data.length, 18);
    fields.writeUInt16LE(nameBytes.length, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), fields, nameBytes, data]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    central.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x00"), fields, rest, nameBytes]));
    parts.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06");
  end.writeUInt16LE(central.length, 8);
  end.writeUInt16LE(central.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, directory, end]);
}

async function withZip(zip: Buffer, act: (path: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "cello-zip-"));
  try {
    await writeFile(join(folder, "a.zip"), zip);
    await act(join(folder, "a.zip"));
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("files are read by name, and those that are not there are left out", async () => {
  await withZip(zipOf({ "a/one.txt": "first", "two.txt": "second" }), async (path) => {
    const found = await readZip(path, ["a/one.txt", "three.txt"]);
    assert.deepEqual(
      [...found].map(([name, bytes]) => [name, String(bytes)]),
      [["a/one.txt", "first"]],
    );
  });
});

test("a name that leads out of the zip, a lie about a size and a cut are refused", async () => {
  const outside = zipOf({ "../evil.txt": "x" });
  const lie = zipOf({ "two.txt": "second" }, 2 ** 31);
  const cut = zipOf({ "two.txt": "second" }).subarray(0, 40);
  for (const zip of [outside, lie, cut]) {
    await withZip(zip, (path) => assert.rejects(readZip(path, ["two.txt", "../evil.txt"])));
  }
});
