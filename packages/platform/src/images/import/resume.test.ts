import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import {
  appendFile,
  lstat,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openArray } from "@cell-observatory/zarr";
import { npyBytes } from "../../../test/support/npy-bytes.ts";
import { importImage } from "./import-image.ts";

const shape = [6, 4, 16, 16];
const options = { axes: "TZYX", memoryBytes: 8192 } as const;

async function inFolder(act: (folder: string, file: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "cello-resume-"));
  try {
    const file = join(folder, "movie.npy");
    await writeFile(
      file,
      npyBytes({ shape, descr: "<u2" }, (i) => i + 1),
    );
    await act(folder, file);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Imports in a process of its own, which is killed at once when so much is done. */
function killedImport(file: string, path: string, at: number): void {
  const script = `
    const { importImage } = await import(${JSON.stringify(import.meta.resolve("./import-image.ts"))});
    await importImage(${JSON.stringify(file)}, ${JSON.stringify(path)}, {
      ...${JSON.stringify(options)},
      onProgress: (done) => { if (done >= ${at}) process.kill(process.pid, "SIGKILL"); },
    });`;
  const child = spawnSync(process.execPath, ["--input-type=module", "-e", script]);
  assert.equal(child.signal, "SIGKILL", child.stderr.toString());
}

const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

async function requireWhole(path: string): Promise<void> {
  const array = await openArray(join(path, "0"));
  const voxels = await array.read({
    origin: [0, 0, 0, 0, 0],
    shape: array.shape,
    missingChunks: "error",
  });
  assert.deepEqual(
    [...voxels],
    Array.from({ length: 6 * 4 * 256 }, (_, i) => i + 1),
  );
}

test("an import that is killed leaves no image, and goes on where it was", async () => {
  await inFolder(async (folder, file) => {
    const path = join(folder, "movie.ome.zarr");
    killedImport(file, path, 0.5);
    assert.ok(!existsSync(path));
    const done = (await readFile(`${path}.importing/done`, "utf8")).split("\n").length - 1;
    assert.ok(done >= 1 && done < 6, `${done} boxes`);
    killedImport(file, path, 0.8);
    await appendFile(`${path}.importing/done`, "image 5 0"); // a line that a crash cut off
    const { outcome } = await importImage(file, path, options);
    assert.equal(outcome, "resumed");
    await requireWhole(path);
    assert.deepEqual((await readdir(folder)).sort(), ["movie.npy", "movie.ome.zarr"]);
    assert.equal((await importImage(file, path, options)).outcome, "present");
    await assert.rejects(importImage(file, path, { ...options, dtype: "float32" }), {
      code: "DATA_EXISTS",
    });
    assert.deepEqual((await readdir(folder)).sort(), ["movie.npy", "movie.ome.zarr"]);
  });
});

test("a file that was changed meanwhile is imported anew, from its beginning", async () => {
  await inFolder(async (folder, file) => {
    const path = join(folder, "movie.ome.zarr");
    killedImport(file, path, 0.5);
    await writeFile(
      file,
      npyBytes({ shape: [3, 4, 16, 16], descr: "<u2" }, () => 7),
    );
    const made = await importImage(file, path, options);
    assert.deepEqual([made.outcome, made.shape], ["made", [3, 4, 16, 16, 1]]);
    const array = await openArray(join(path, "0"));
    const voxels = await array.read({ origin: [0, 0, 0, 0, 0], shape: array.shape });
    assert.ok(voxels.every((value) => Number(value) === 7));
  });
});

test("an import that is stopped keeps what it has; one of a bad file keeps nothing", async () => {
  await inFolder(async (folder, file) => {
    const path = join(folder, "movie.ome.zarr");
    const stop = new AbortController();
    const onProgress = (done: number) => {
      if (done >= 0.5) stop.abort(new Error("enough"));
    };
    const stopped = importImage(file, path, { ...options, signal: stop.signal, onProgress });
    await assert.rejects(stopped, /enough/);
    assert.ok(existsSync(`${path}.importing/plan`) && !(await isThere(`${path}.importing/owner`)));
    assert.equal((await importImage(file, path, options)).outcome, "resumed");
    const bad = join(folder, "bad.npy");
    await writeFile(
      bad,
      npyBytes({ shape, descr: "<f4" }, (i) => (i === 6000 ? 0.5 : i)),
    );
    const half = importImage(bad, join(folder, "bad.ome.zarr"), { ...options, dtype: "uint16" });
    await assert.rejects(half, { code: "DATA_DTYPE", message: /frame 5, plane 3 holds 0\.5/ });
    assert.ok(!(await readdir(folder)).some((name) => name.startsWith("bad.ome")));
  });
});

test("two at once do not write the same image", async () => {
  await inFolder(async (folder, file) => {
    const path = join(folder, "movie.ome.zarr");
    killedImport(file, path, 0.5);
    await rm(`${path}.importing/owner`);
    await symlink("another-machine 12", `${path}.importing/owner`);
    await assert.rejects(importImage(file, path, options), {
      code: "DATA_EXISTS",
      message: /movie\.ome\.zarr is being imported by process 12 on another-machine/,
    });
  });
});
