// Scenario R17: storage that fails for a moment, or does not answer, by a library that stands between
// the process and its reads.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import promises, { writeFile } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { constants } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { openArray } from "./array.ts";
import { createArray } from "./create-array.ts";
import { temporaryFolder } from "./test-arrays.ts";

const skip = process.platform === "linux" ? false : "reads are caught as Linux does it";

const shim = join(import.meta.dirname, "fixtures/slow-storage.c");

/** An array of two chunks, and a process that reads it through the shim. */
async function slowReader(t: TestContext, environment: (folder: string) => NodeJS.ProcessEnv) {
  const folder = await temporaryFolder(t);
  const path = join(folder, "array");
  const array = await createArray(path, { shape: [8], chunkShape: [4], dtype: "uint16" });
  await array.write(Uint16Array.of(1, 2, 3, 4, 5, 6, 7, 8), { origin: [0], shape: [8] });
  const library = join(folder, "slow-storage.so");
  execFileSync("cc", ["-shared", "-fPIC", "-o", library, shim, "-ldl"]);
  const script = `
    import { openArray, setThreads, waitedFor } from ${JSON.stringify(import.meta.resolve("./index.ts"))};
    setThreads(1);
    const array = await openArray(${JSON.stringify(path)});
    const target = new Uint16Array(8);
    const say = (value) => console.log(JSON.stringify(value));
    const watch = setInterval(() => {
      const [file] = waitedFor(0.05);
      if (file) { say(file.path); clearInterval(watch); }
    }, 10);
    try {
      say({ ...await array.readInto(target, { origin: [0], shape: [8] }), voxels: [...target] });
    } catch ({ code, message }) {
      say({ code, message });
    }
    clearInterval(watch);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    env: { ...process.env, LD_PRELOAD: library, ...environment(folder) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  return { folder, path, output: child.stdout };
}

const voxels = [1, 2, 3, 4, 5, 6, 7, 8];

for (const name of ["EIO", "ESTALE", "EAGAIN", "ETIMEDOUT"] as const) {
  test(`a read that fails twice with ${name} is tried again, and that is counted`, {
    skip,
  }, async (t) => {
    const { output } = await slowReader(t, () => ({
      FAULT_TIMES: "2",
      FAULT_ERRNO: `${constants.errno[name]}`,
    }));
    const lines = (await text(output)).trim().split("\n");
    assert.partialDeepStrictEqual(JSON.parse(lines.at(-1) ?? ""), { retries: 2, voxels });
  });
}

test("metadata that cannot be read for a moment is read again", async (t) => {
  const path = join(await temporaryFolder(t), "array");
  await createArray(path, { shape: [8], chunkShape: [4], dtype: "uint16" });
  const { stat } = promises;
  let calls = 0;
  t.mock.method(promises, "stat", (file: string) => {
    calls += 1;
    const error = Object.assign(new Error("stale file handle"), { code: "ESTALE" });
    return calls > 2 ? stat(file) : Promise.reject(error);
  });
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  assert.deepEqual((await openArray(path)).shape, [8]);
  assert.equal(calls, 3);
});

test("a read that goes on failing ends, and says how often it was tried", { skip }, async (t) => {
  const { output, path } = await slowReader(t, () => ({
    FAULT_TIMES: "1000",
    FAULT_ERRNO: `${constants.errno.EIO}`,
  }));
  const lines = (await text(output)).trim().split("\n");
  const { code, message } = JSON.parse(lines.at(-1) ?? "");
  assert.equal(code, "ZARR_IO");
  assert.ok(message.includes(`${path}/c/`) && message.endsWith("(tried 5 times)"), message);
});

test("a file that storage does not give is named while it is waited for", { skip }, async (t) => {
  const { folder, path, output } = await slowReader(t, (at) => ({ FAULT_UNTIL: join(at, "go") }));
  const lines = createInterface({ input: output })[Symbol.asyncIterator]();
  assert.equal(JSON.parse((await lines.next()).value ?? ""), `${path}/c/0`);
  await writeFile(join(folder, "go"), "");
  const answer = JSON.parse((await lines.next()).value ?? "");
  assert.partialDeepStrictEqual(answer, { retries: 0, voxels });
});
