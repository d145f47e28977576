// Scenario R17: storage that fails for a moment, or does not answer, by a library that stands between
// the process and its reads.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import promises, { writeFile } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { constants } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import type { ArrayLayout } from "./array-document.ts";
import { createArray } from "./create-array.ts";
import { openArray } from "./open-array.ts";
import type { StorageReport } from "./storage-report.ts";
import { temporaryFolder } from "./test-arrays.ts";

const skip = process.platform === "linux" ? false : "reads are caught as Linux does it";

const shim = join(import.meta.dirname, "fixtures/slow-storage.c");

type Environment = (folder: string) => NodeJS.ProcessEnv;

/** An array of 1 to 8, and a process that works on it through the shim. */
async function throughShim(
  t: TestContext,
  layout: Pick<ArrayLayout, "chunkShape" | "shardShape">,
  environment: Environment,
  work: string,
) {
  const folder = await temporaryFolder(t);
  const path = join(folder, "array");
  const array = await createArray(path, { shape: [8], dtype: "uint16", ...layout });
  await array.write(Uint16Array.of(1, 2, 3, 4, 5, 6, 7, 8), { origin: [0], shape: [8] });
  const library = join(folder, "slow-storage.so");
  execFileSync("cc", ["-shared", "-fPIC", "-o", library, shim, "-ldl"]);
  const script = `
    import { openArray, setThreads, waitedFor } from ${JSON.stringify(import.meta.resolve("./index.ts"))};
    setThreads(1);
    const array = await openArray(${JSON.stringify(path)});
    const say = (value) => console.log(JSON.stringify(value));
    try {
      ${work}
    } catch ({ code, message }) {
      say({ code, message });
    }`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    env: { ...process.env, LD_PRELOAD: library, ...environment(folder) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  return { folder, path, child, output: child.stdout };
}

/** Reads it, two chunks, and names the file that is waited for. */
const slowReader = (t: TestContext, environment: Environment) =>
  throughShim(
    t,
    { chunkShape: [4] },
    environment,
    `const target = new Uint16Array(8);
    const watch = setInterval(() => {
      const [file] = waitedFor(0.05);
      if (file) { say(file.path); clearInterval(watch); }
    }, 10);
    try {
      say({ ...await array.readInto(target, { origin: [0], shape: [8] }), voxels: [...target] });
    } finally {
      clearInterval(watch);
    }`,
  );

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
    const report = JSON.parse(lines.at(-1) ?? "");
    assert.partialDeepStrictEqual(report, { retries: 2, voxels });
    assert.ok(report.storageMs >= 100, `${report.storageMs}: pauses of 10 and 90 ms are in it`);
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

for (const shardShape of [undefined, [8]]) {
  const kind = shardShape ? "shard" : "chunk";
  test(`a write to a part of a ${kind} goes on, whichever of its reads and writes fails`, {
    skip,
  }, async (t) => {
    for (let after = 0; after < 6; after++) {
      const environment = () => ({
        FAULT_AFTER: `${after}`,
        FAULT_TIMES: "1",
        FAULT_ERRNO: `${constants.errno.ESTALE}`,
      });
      const work = `await array.write(Uint16Array.of(20, 30), { origin: [1], shape: [2] });
        say([...await array.read({ origin: [0], shape: [8] })]);`;
      const layout = { chunkShape: [2], shardShape };
      const { output, path } = await throughShim(t, layout, environment, work);
      assert.deepEqual(JSON.parse(await text(output)), [1, 20, 30, 4, 5, 6, 7, 8]);
      const names = await promises.readdir(join(path, "c"));
      assert.ok(!names.some((name) => name.endsWith(".tmp")), String(names));
    }
  });
}

test("of a shard, the bytes of the needed inner chunks are read, and its index once", {
  skip,
}, async (t) => {
  const environment = (folder: string) => ({ FAULT_LOG: join(folder, "log") });
  const work = `
    const read = async (origin, shape) => {
      const { storedBytes } = await array.readInto(new Uint16Array(shape), { origin: [origin], shape: [shape] });
      say(storedBytes);
    };
    await read(2, 2);
    await read(5, 3);`;
  const layout = { chunkShape: [2], shardShape: [8] };
  const { output, folder, path } = await throughShim(t, layout, environment, work);
  const reported = (await text(output)).trim().split("\n").map(Number);
  const shard = await promises.readFile(join(path, "c/0"));
  const index = shard.subarray(-(4 * 16 + 4));
  const stored = (chunk: number) => Number(index.readBigUInt64LE(16 * chunk + 8));
  assert.deepEqual(reported, [stored(1), stored(2) + stored(3)]);
  const log = (await promises.readFile(join(folder, "log"), "utf8")).trim().split("\n");
  const read = log.map((line) => Number(line.split(" ").at(-1)));
  assert.deepEqual(read, [index.length, stored(1), stored(2), stored(3)]);
});

test("reads that wait for a thread and want one chunk have it decoded once, or are aborted", {
  skip,
}, async (t) => {
  const environment = (folder: string) => ({ FAULT_UNTIL: join(folder, "go") });
  const work = `
    const { writeFile } = await import("node:fs/promises");
    const first = array.read({ origin: [0], shape: [2] }); // keeps the only thread
    const stop = new AbortController();
    const reads = Array.from({ length: 32 }, (_, at) => {
      const signal = at % 4 === 3 ? stop.signal : undefined;
      const target = new Uint16Array(2);
      return array
        .readInto(target, { origin: [4], shape: [2], signal })
        .then((report) => ({ ...report, voxels: [...target] }), (error) => error.message);
    });
    const chunk = array.read({ origin: [6], shape: [2] });
    stop.abort(new Error("enough"));
    await writeFile(process.env.FAULT_UNTIL, "");
    say([...await first]);
    say(await Promise.all(reads));
    say([...await chunk]);`;
  const { output, path } = await throughShim(t, { chunkShape: [2] }, environment, work);
  const lines = (await text(output)).trim().split("\n");
  const [first, reads, last] = lines.map((line) => JSON.parse(line));
  assert.deepEqual(
    [first, last],
    [
      [1, 2],
      [7, 8],
    ],
  );
  const done = reads.filter((read: unknown) => read !== "enough");
  assert.equal(done.length, 24);
  for (const { chunks, voxels } of done) assert.deepEqual([chunks, voxels], [1, [5, 6]]);
  // Sixteen reads at a time are served together.
  const bytes = done.reduce((sum: number, { storedBytes }: StorageReport) => sum + storedBytes, 0);
  const stored = (await promises.readFile(join(path, "c/2"))).length;
  assert.ok(bytes <= 2 * stored && bytes >= stored, `${bytes} bytes read of ${stored}`);
});

test("a shard whose status storage does not give keeps no read of another shard waiting", {
  skip,
  timeout: 600_000,
}, async (t) => {
  const environment = (folder: string) => ({
    FAULT_STATUS: "/c/0",
    FAULT_STATUS_UNTIL: join(folder, "go"),
  });
  const work = `
    const { writeFile } = await import("node:fs/promises");
    setThreads(2);
    await array.read({ origin: [0], shape: [8] }); // both are open now
    const stalled = array.read({ origin: [0], shape: [2] });
    while (!waitedFor(0).some(({ path }) => path.endsWith("/c/0"))) await new Promise(setImmediate);
    say([...await array.read({ origin: [4], shape: [2] })]);
    say(waitedFor(0).map(({ path }) => path.slice(-4)));
    await writeFile(process.env.FAULT_STATUS_UNTIL, "");
    say([...await stalled]);`;
  const layout = { chunkShape: [2], shardShape: [4] };
  const { output } = await throughShim(t, layout, environment, work);
  const lines = (await text(output)).trim().split("\n");
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)),
    [[5, 6], ["/c/0"], [1, 2]],
  );
});

test("a process that exits does not wait for storage", { skip, timeout: 600_000 }, async (t) => {
  const work = `
    void array.read({ origin: [0], shape: [8] });
    while (waitedFor(0).length === 0) await new Promise(setImmediate);
    process.exit(7);`;
  const never = (folder: string) => ({ FAULT_UNTIL: join(folder, "never") });
  const { child } = await throughShim(t, { chunkShape: [4] }, never, work);
  assert.deepEqual(await once(child, "close"), [7, null]);
});

test("with reads ahead, every thread waits at storage at any time: no turn of it is lost", {
  skip,
  timeout: 600_000,
}, async (t) => {
  // Storage answers four reads at a time or none: forty chunks in ten turns, which is all that four
  // threads can have of it. bench/zarr-crops/slow-storage.ts has this in bytes per second.
  const work = `
    setThreads(4);
    const crops = Array.from({ length: 20 }, (_, at) => ({ origin: [2 * (at % 4)], shape: [2] }));
    const found = [];
    let next = 0;
    const ahead = async () => {
      for (let at = next++; at < crops.length; at = next++) found[at] = [...await array.read(crops[at])];
    };
    await Promise.all([ahead(), ahead(), ahead()]);
    say(found.flat());`;
  const { output } = await throughShim(
    t,
    { chunkShape: [1] },
    () => ({ FAULT_TOGETHER: "4" }),
    work,
  );
  const five = Array.from({ length: 5 }, () => voxels).flat();
  assert.deepEqual(JSON.parse(await text(output)), five);
});
