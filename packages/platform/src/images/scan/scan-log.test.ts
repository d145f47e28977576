import assert from "node:assert/strict";
import { appendFile, mkdtemp, readdir, readFile, rm, stat, symlink } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { importImage } from "../import/import-image.ts";
import { type ImageRowsOptions, imageRows } from "./image-rows.ts";
import { ScanLog } from "./scan-log.ts";
import type { ScannedCell } from "./scanned-cell.ts";

async function scratch(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "cello-scan-"));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

const cell = (index: number): ScannedCell => ({
  missingChunks: 0,
  own: [Uint32Array.of(7, 8)],
  cubes: [{ index, histograms: [[Uint32Array.of(7, 8)]], boxes: null }],
});

async function cellsIn(log: ScanLog): Promise<readonly ScannedCell[]> {
  const cells: ScannedCell[] = [];
  for await (const one of log.cells()) cells.push(one);
  return cells;
}

test("zeros behind the last cell, as a loss of power leaves them, are no cells", async (t) => {
  const path = join(await scratch(t), "image.scan");
  {
    await using log = await ScanLog.open(path, "a plan");
    await log.add(cell(0));
  }
  const { size } = await stat(path);
  await appendFile(path, Buffer.alloc(4096));
  await using log = await ScanLog.open(path, "a plan");
  assert.equal(log.numCells, 1);
  assert.equal((await stat(path)).size, size);
  await log.add(cell(1));
  assert.deepEqual(await cellsIn(log), [cell(0), cell(1)]);
});

test("a log of another plan is begun anew", async (t) => {
  const path = join(await scratch(t), "image.scan");
  {
    await using log = await ScanLog.open(path, "a plan");
    await log.add(cell(0));
  }
  await using log = await ScanLog.open(path, "another plan");
  assert.equal(log.numCells, 0);
});

async function imageIn(folder: string): Promise<readonly [string, ImageRowsOptions]> {
  const path = join(folder, "image.ome.zarr");
  await importImage(join(import.meta.dirname, "../tiff/fixtures/none.tif"), path);
  const grids = [{ cubeShape: [1, 1, 9, 9], stride: null }] as const;
  return [path, { grids, home: folder, scans: join(folder, "scans") }];
}

test("two scans of one image at once, of one grid or of two, are refused by name", async (t) => {
  const folder = await scratch(t);
  const [path, options] = await imageIn(folder);
  const others = { ...options, grids: [{ cubeShape: [1, 5, 9, 9], stride: null }] as const };
  {
    await using rows = await imageRows(path, options);
    assert.ok(rows);
    for (const again of [options, others]) {
      await assert.rejects(imageRows(path, again), {
        code: "DATA_EXISTS",
        message: /image\.ome\.zarr is being catalogued by this process/,
      });
    }
    let numRows = 0;
    for await (const _ of rows.hypercubes()) numRows += 1;
    assert.equal(numRows, rows.numHypercubes);
  }
  const [scan = ""] = await readdir(options.scans); // what was not settled is there, the owner not
  assert.match(scan, /\.scan$/);
  const owner = join(options.scans, scan.replace(/scan$/, "owner"));
  await symlink("another-machine 12", owner);
  await assert.rejects(imageRows(path, options), {
    code: "DATA_EXISTS",
    message: /by process 12 on another-machine/,
  });
  await rm(owner);
  await symlink(`${hostname()} ${2 ** 22 + 1}`, owner); // no process has such a number
  await using rows = await imageRows(path, options);
  assert.ok(rows);
});

test("a scan that lacks hypercubes, or has some twice, gives an error and not fewer rows", async (t) => {
  const folder = await scratch(t);
  const [path, options] = await imageIn(folder);
  const consume = async () => {
    await using rows = await imageRows(path, options);
    assert.ok(rows);
    for await (const _ of rows.hypercubes());
  };
  {
    await using rows = await imageRows(path, options);
    assert.ok(rows);
  }
  const [scan = ""] = await readdir(options.scans);
  const { size } = await stat(join(options.scans, scan));
  {
    // As another process did that wrote to the same log.
    await using twice = await ScanLog.open(join(options.scans, scan), await planIn(options, scan));
    await twice.add(cell(0));
  }
  assert.ok((await stat(join(options.scans, scan))).size > size);
  await assert.rejects(consume(), { code: "DATA_SCAN", message: /has 11 hypercubes; expected 10/ });
  await consume(); // from its beginning
});

/** The text that a log begins with. */
async function planIn({ scans }: ImageRowsOptions, name: string): Promise<string> {
  const bytes = await readFile(join(scans, name));
  return bytes.toString("utf8", 8, 8 + bytes.readUInt32LE(0));
}
