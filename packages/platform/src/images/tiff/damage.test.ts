import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { RandomStream } from "../../rng/index.ts";
import { DataError } from "../errors.ts";
import { readDirectories } from "./directory.ts";
import { FileBytes } from "./file-bytes.ts";
import { parseOmeXml } from "./ome-xml.ts";
import { readPage } from "./page.ts";
import { readStack } from "./stack.ts";

const fixtures = join(import.meta.dirname, "fixtures");

/** Reads every page, as the import does. */
async function readAll(path: string): Promise<number> {
  await using bytes = await FileBytes.open(path);
  const file = await readDirectories(bytes);
  const { shape, samplesPerPage, pageAt } = await readStack(file);
  let sum = 0;
  for (let t = 0; t < shape[0]; t++) {
    for (let z = 0; z < shape[1]; z++) {
      for (let c = 0; c < shape[4] / samplesPerPage; c++) {
        for (const value of await readPage(file, pageAt(t, z, c))) sum += Number(value);
      }
    }
  }
  return sum;
}

/** Gives a tag of the first directory another value, where it is one number. */
function setTag(bytes: Buffer, tag: number, value: number): void {
  const first = bytes.readUInt32LE(4);
  for (let entry = first + 2; entry < first + 2 + 12 * bytes.readUInt16LE(first); entry += 12) {
    if (bytes.readUInt16LE(entry) !== tag) continue;
    bytes.writeUInt16LE(4, entry + 2);
    bytes.writeUInt32LE(1, entry + 4);
    bytes.writeUInt32LE(value, entry + 8);
  }
}

async function inFolder(act: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "cello-tiff-"));
  try {
    await act(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("a file that is cut anywhere is refused or read whole, never padded", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "cut.tif");
    for (const name of ["none.tif", "deflate.tif", "ome.tif", "bigtiff.tif"]) {
      const whole = await readFile(join(fixtures, name));
      for (let length = 0; length < whole.length - 64; length += 97) {
        await writeFile(path, whole.subarray(0, length));
        await assert.rejects(readAll(path), DataError, `${name} cut to ${length} bytes`);
      }
    }
  });
});

test("1000 damaged files give a typed error or an image, and memory stays bounded", async () => {
  const draws = new RandomStream({ seed: 33, purpose: "damage", epoch: 0, index: 0 });
  const names = (await readdir(fixtures)).filter((name) => name.endsWith(".tif"));
  const before = process.memoryUsage().rss;
  await inFolder(async (folder) => {
    const path = join(folder, "damaged.tif");
    for (let round = 0; round < 1000; round++) {
      const name = names[round % names.length] ?? "none.tif";
      const bytes = await readFile(join(fixtures, name));
      const flips = draws.integer(1, 6);
      for (let flip = 0; flip < flips; flip++) {
        // Most of the damage goes to the directories, where it hurts most.
        const reach = draws.integer(0, 4) === 0 ? bytes.length : Math.min(bytes.length, 600);
        bytes[draws.integer(0, reach)] = draws.integer(0, 256);
      }
      await writeFile(path, bytes);
      await readAll(path).catch((error: unknown) => {
        assert.ok(error instanceof DataError, `${name}, round ${round}: ${error}`);
      });
    }
  });
  const grown = (process.memoryUsage().rss - before) / 2 ** 20;
  assert.ok(grown < 200, `memory grew by ${grown.toFixed(0)} MiB`);
});

test("a file that is no TIFF, and one that is missing, are named in the error", async () => {
  await assert.rejects(readAll(import.meta.filename), {
    code: "TIFF_STRUCTURE",
    message:
      /damage\.test\.ts is no TIFF: expected 49492a00, 4d4d002a or a BigTIFF's, got 696d706f/,
  });
  await assert.rejects(readAll("no/such/file.tif"), {
    code: "TIFF_STRUCTURE",
    message: /no\/such\/file\.tif cannot be opened/,
  });
});

test("directories that form a circle are refused", async () => {
  await inFolder(async (folder) => {
    const bytes = await readFile(join(fixtures, "none.tif"));
    const first = bytes.readUInt32LE(4);
    const next = first + 2 + 12 * bytes.readUInt16LE(first);
    bytes.writeUInt32LE(first, next);
    const path = join(folder, "circle.tif");
    await writeFile(path, bytes);
    await assert.rejects(readAll(path), {
      code: "TIFF_STRUCTURE",
      message: /directory 1 is one that came before: a circle/,
    });
  });
});

test("a block that would decode to more than its page holds is refused", async () => {
  await inFolder(async (folder) => {
    const bytes = await readFile(join(fixtures, "deflate.tif"));
    setTag(bytes, 256, 5); // a narrower image
    const path = join(folder, "lie.tif");
    await writeFile(path, bytes);
    await assert.rejects(readAll(path), { code: /TIFF_(PIXELS|LAYOUT)/ });
  });
});

test("a compressed block that claims far more bytes than its pixels is not read", async () => {
  await inFolder(async (folder) => {
    const bytes = Buffer.concat([await readFile(join(fixtures, "deflate.tif")), Buffer.alloc(2e5)]);
    setTag(bytes, 279, 150_000);
    const path = join(folder, "claim.tif");
    await writeFile(path, bytes);
    await assert.rejects(readAll(path), {
      code: "TIFF_STRUCTURE",
      message: /block 0 of page 0 claims 150000 bytes for \d+ of pixels/,
    });
  });
});

test("a folder and a pipe are no files", async () => {
  await inFolder(async (folder) => {
    const pipe = join(folder, "pipe.tif");
    await promisify(execFile)("mkfifo", [pipe]);
    for (const path of [folder, pipe]) {
      await assert.rejects(readAll(path), {
        code: "TIFF_STRUCTURE",
        message: /cannot be opened: it is no regular file/,
      });
    }
  });
});

test("OME-XML with a document type, without Pixels or with bad sizes is refused", () => {
  const pixels = (attributes: string) => `<OME><Image><Pixels ${attributes}/></Image></OME>`;
  const cases = [
    ['<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><OME/>', /declares a document type/],
    ["<OME></OME>", /has no Pixels element/],
    [pixels('DimensionOrder="XYZCT" SizeT="1e99"'), /SizeT/],
    [pixels('DimensionOrder="XYQCT" SizeT="1"'), /DimensionOrder/],
    ["<OME><!-- ", /ends inside a comment/],
    ["<OME", /ends inside a tag/],
  ] as const;
  for (const [xml, message] of cases) {
    assert.throws(() => parseOmeXml(xml, "x.ome.tif"), { code: "TIFF_METADATA", message });
  }
});

test("a palette, and white as 0, say how counts are shown: the counts are read", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "shown.tif");
    const bytes = await readFile(join(fixtures, "none.tif"));
    await writeFile(path, bytes);
    const counts = await readAll(path);
    for (const photometric of [0, 3]) {
      setTag(bytes, 262, photometric);
      await writeFile(path, bytes);
      assert.equal(await readAll(path), counts);
    }
  });
});
