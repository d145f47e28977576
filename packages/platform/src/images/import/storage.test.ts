// Storage that fails in the middle of an import.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { type FileHandle, mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openArray, type ZarrArray, ZarrError } from "@cell-observatory/zarr";
import { npyBytes } from "../../../test/support/npy-bytes.ts";
import { importImage } from "./import-image.ts";
import type { ImportOptions } from "./import-options.ts";

const skip = process.platform === "linux" ? false : "reads are caught as Linux does it";
const shim = join(import.meta.dirname, "../../../../zarr/src/fixtures/slow-storage.c");

const shape = [6, 4, 16, 16];
const options = { axes: "TZYX", memoryBytes: 8192 } as const;

async function scratch(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "cello-storage-"));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

async function movieIn(folder: string): Promise<string> {
  const file = join(folder, "movie.npy");
  await writeFile(
    file,
    npyBytes({ shape, descr: "<u2" }, (i) => i + 1),
  );
  return file;
}

/** Imports in a process that can write no chunk after the first four; the code of its error. */
function importOntoFullDisk(folder: string, file: string, path: string): string {
  const library = join(folder, "slow-storage.so");
  execFileSync("cc", ["-shared", "-fPIC", "-o", library, shim, "-ldl"]);
  const script = `
    import { setThreads } from "@cell-observatory/zarr";
    import { importImage } from ${JSON.stringify(import.meta.resolve("./import-image.ts"))};
    setThreads(1);
    await importImage(${[file, path, options].map((value) => JSON.stringify(value)).join()}).then(
      () => console.log("made"),
      (error) => console.log(error.code),
    );`;
  const env = {
    ...process.env,
    LD_PRELOAD: library,
    FAULT_AFTER: "4",
    FAULT_TIMES: "100000",
    FAULT_ERRNO: `${constants.errno.ENOSPC}`,
  };
  const how = { env, cwd: import.meta.dirname, encoding: "utf8" } as const;
  return execFileSync(process.execPath, ["--input-type=module", "-e", script], how).trim();
}

async function requireGoesOn(file: string, path: string, how: ImportOptions = options) {
  const done = (await readFile(`${path}.importing/done`, "utf8")).split("\n").length - 1;
  assert.ok(done >= 1 && done < 6, `${done} boxes`);
  assert.ok(!existsSync(path));
  assert.equal((await importImage(file, path, how)).outcome, "resumed");
  const array = await openArray(join(path, "0"));
  const voxels = await array.read({ origin: [0, 0, 0, 0, 0], shape: array.shape });
  const wanted = Array.from({ length: 6 * 4 * 256 }, (_, i) => i + 1);
  assert.deepEqual([...voxels], wanted);
}

test("a disk that is full half-way keeps what was imported, and the import goes on in it", {
  skip,
}, async (t) => {
  const folder = await scratch(t);
  const file = await movieIn(folder);
  const path = join(folder, "movie.ome.zarr");
  assert.equal(importOntoFullDisk(folder, file, path), "DATA_WRITE");
  await requireGoesOn(file, path);
});

test("storage that does not give a file half-way keeps what was imported", async (t) => {
  const folder = await scratch(t);
  const file = await movieIn(folder);
  const path = join(folder, "movie.ome.zarr");
  const handle = await open(file);
  const prototype: FileHandle = Object.getPrototypeOf(handle);
  await handle.close();
  const { read } = prototype;
  let numReads = 0;
  const fails = t.mock.method(prototype, "read", function (this: FileHandle, ...how: unknown[]) {
    const [, , length] = how;
    if (Number(length) > 1024) numReads += 1; // of numbers, not of the header
    if (numReads > 2) {
      return Promise.reject(Object.assign(new Error("EIO: i/o error"), { syscall: "read" }));
    }
    return Reflect.apply(read, this, how);
  });
  await assert.rejects(importImage(file, path, options), {
    code: "DATA_READ",
    message: /movie\.npy: the numbers cannot be read: EIO/,
  });
  fails.mock.restore();
  await requireGoesOn(file, path);
});

test("an OME-Zarr image that storage does not give half-way keeps what was imported", async (t) => {
  const folder = await scratch(t);
  const from = join(folder, "movie.ome.zarr");
  await importImage(await movieIn(folder), from, options);
  const path = join(folder, "copy.ome.zarr");
  const prototype: ZarrArray = Object.getPrototypeOf(await openArray(join(from, "0")));
  const { readInto } = prototype;
  let numReads = 0;
  const fails = t.mock.method(prototype, "readInto", function (this: ZarrArray, ...how: unknown[]) {
    numReads += 1;
    if (numReads > 2) {
      return Promise.reject(new ZarrError("ZARR_IO", "no answer", { path: from }));
    }
    return Reflect.apply(readInto, this, how);
  });
  const { memoryBytes } = options;
  await assert.rejects(importImage(from, path, { memoryBytes }), { code: "ZARR_IO" });
  fails.mock.restore();
  await requireGoesOn(from, path, { memoryBytes });
});
