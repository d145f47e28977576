import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { writeTile } from "../loader/tiles.fixture.ts";
import { StallWatch } from "./stall-watch.ts";

const skip = process.platform === "linux" ? false : "reads are caught as Linux does it";
const shim = join(import.meta.dirname, "../../../../zarr/src/fixtures/slow-storage.c");

test("a chunk that storage does not give is told, and the read goes on", {
  skip,
}, async (t) => {
  const tile = await writeTile();
  t.after(tile.remove);
  const scratch = join(tile.folder, "scratch");
  await mkdir(scratch);
  const [library, go] = [join(scratch, "slow-storage.so"), join(scratch, "go")];
  execFileSync("cc", ["-shared", "-fPIC", "-o", library, shim, "-ldl"]);
  const script = `
    import { HypercubeSource } from ${JSON.stringify(import.meta.resolve("./hypercube-source.ts"))};
    const source = new HypercubeSource(
      { cubeShape: [1, 4, 4, 4], channels: null, numChannels: 1, missingChunks: "error" },
      { stallS: 0.05, say: (line) => console.error(line) },
    );
    const record = ${JSON.stringify(tile.records[0])};
    const target = new Uint16Array(new SharedArrayBuffer(128));
    const report = await source.read({ index: 0, record, origin: [0, 0, 0, 0] }, target);
    console.log(JSON.stringify(report));`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    env: { ...process.env, LD_PRELOAD: library, FAULT_UNTIL: go },
    stdio: ["ignore", "pipe", "pipe"],
  });
  t.after(() => child.kill("SIGKILL"));
  const lines = createInterface({ input: child.stderr })[Symbol.asyncIterator]();
  const chunk = join(tile.folder, "tile.ome.zarr/0/c/0/0/0/0/0");
  // On a slow machine, opening the array may be told of as well, before or in between.
  const nextOf = async (path: string) => {
    for (;;) {
      const { value, done } = await lines.next();
      assert.ok(!done, `nothing more was told, of ${path} neither`);
      if (value.includes(` ${path} `)) return value;
    }
  };
  assert.match(await nextOf(chunk), /^storage has not given .* for \d+ s; still waiting$/);
  await writeFile(go, "");
  const result = JSON.parse(await text(child.stdout));
  assert.deepEqual([result.chunks, result.missingChunks, result.retries], [1, 0, 0]);
  assert.equal(await nextOf(chunk), `storage no longer keeps ${chunk} waiting`);
});

test("an array that does not open is named once", async () => {
  const lines: string[] = [];
  const opening = Promise.withResolvers<string>();
  const first = Promise.withResolvers<void>();
  const say = (line: string) => {
    lines.push(line);
    first.resolve();
  };
  const watch = new StallWatch({ stallS: 0.02, say });
  const alive = setInterval(() => {}, 1000); // the watch keeps no process alive
  const opened = watch.whileOpening("/far/image.zarr", opening.promise);
  await first.promise;
  clearInterval(alive);
  opening.resolve("open");
  assert.equal(await opened, "open");
  const told = lines.map((line) => line.replace(/ for \d+ s;/, " for N s;")); // as slow as it may be
  assert.deepEqual(told, [
    "storage has not given /far/image.zarr for N s; still waiting",
    "storage no longer keeps /far/image.zarr waiting",
  ]);
});

test("work that ends at once is not told of", async () => {
  const watch = new StallWatch({ stallS: 3600, say: (line) => assert.fail(line) });
  await assert.rejects(
    watch.during(() => Promise.reject(new Error("no"))),
    /no/,
  );
  assert.equal(await watch.during(async () => 7), 7);
});
