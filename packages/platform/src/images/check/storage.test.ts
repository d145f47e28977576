// Storage that fails while images are checked: it says nothing of them.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { MovieConfig } from "../simulate/movie-config.ts";
import { simulateMovie } from "../simulate/simulate-movie.ts";
import { checkImages } from "./check-images.ts";
import { imagesAt } from "./images-to-check.ts";

const skip = process.platform === "linux" ? false : "reads are caught as Linux does it";
const shim = join(import.meta.dirname, "../../../../zarr/src/fixtures/slow-storage.c");

async function movieIn(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "cello-check-"));
  t.after(() => rm(folder, { recursive: true }));
  const config = MovieConfig.parse({ shape: [3, 32, 128, 64, 1], seed: 2 });
  await simulateMovie(config, join(folder, "movie.ome.zarr"), { numThreads: 1 });
  return folder;
}

/** Checks in a process of its own, started by a shell's command; what it printed. */
function checkedBy(
  command: string,
  { folder, progressPath, env }: { folder: string; progressPath: string; env?: NodeJS.ProcessEnv },
): string {
  const script = `
    import { setThreads } from "@cell-observatory/zarr";
    import { checkImages } from ${JSON.stringify(import.meta.resolve("./check-images.ts"))};
    import { imagesAt } from ${JSON.stringify(import.meta.resolve("./images-to-check.ts"))};
    setThreads(1);
    try {
      const images = await imagesAt(${JSON.stringify(folder)});
      const options = { progressPath: ${JSON.stringify(progressPath)} };
      for await (const { findings } of checkImages(images, options)) {
        console.log(JSON.stringify(findings));
      }
    } catch (error) {
      console.log(error.code);
    }`;
  const args = ["-c", command, process.execPath, script];
  const how = { cwd: import.meta.dirname, encoding: "utf8" } as const;
  return execFileSync("sh", args, { ...how, env: { ...process.env, ...env } }).trim();
}

/** A check of healthy storage goes on behind what was noted, and finds nothing. */
async function requireGoesOn(folder: string, progressPath: string): Promise<void> {
  const noted = (await readFile(progressPath, "utf8")).split("\n").filter(Boolean);
  assert.ok(noted.length > 0, "nothing was noted");
  for await (const { findings } of checkImages(await imagesAt(folder), { progressPath })) {
    assert.deepEqual(findings, []);
  }
}

test("storage that does not answer ends the check, and no image is called unreadable", {
  skip,
}, async (t) => {
  const folder = await movieIn(t);
  const library = join(folder, "slow-storage.so");
  execFileSync("cc", ["-shared", "-fPIC", "-o", library, shim, "-ldl"]);
  const progressPath = join(folder, "check.jsonl");
  const env = {
    LD_PRELOAD: library,
    FAULT_AFTER: "6", // the first frames are read
    FAULT_TIMES: "100000",
    FAULT_ERRNO: `${constants.errno.EACCES}`,
  };
  const command = 'exec "$0" --input-type=module -e "$1"';
  assert.equal(checkedBy(command, { folder, progressPath, env }), "ZARR_IO");
  await requireGoesOn(folder, progressPath);
});

test("a progress file that cannot be written ends the check, and no image is called unreadable", async (t) => {
  const folder = await movieIn(t);
  const progressPath = join(folder, "check.jsonl");
  // A limit on file sizes (one block of 512 bytes) fails a write as a full disk does.
  const command = 'trap "" XFSZ; ulimit -f 1; exec "$0" --input-type=module -e "$1"';
  assert.equal(checkedBy(command, { folder, progressPath }), "DATA_WRITE");
  await requireGoesOn(folder, progressPath);
});
