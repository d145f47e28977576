import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { npyBytes } from "../support/npy-bytes.ts";
import { startCello } from "./cello-process.ts";
import { smallRun } from "./small-data.ts";

let folder = "";
const cello = (...args: readonly string[]) =>
  startCello(args, { runs: join(folder, "runs"), data: join(folder, "data") }).ended;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "cello-images-"));
  const shape = [12, 48, 32];
  const at = (i: number) => [Math.floor(i / 1536), Math.floor(i / 32) % 48, i % 32] as const;
  const isCell = (i: number) => {
    const [z, y, x] = at(i);
    return (z - 6) ** 2 * 4 + (y - 20) ** 2 + (x - 16) ** 2 < 80;
  };
  const counts = (i: number) => 100 + ((i * 7) % 50) + (isCell(i) ? 500 : 0);
  await writeFile(join(folder, "stack.npy"), npyBytes({ shape, descr: ">u2" }, counts));
  const mask = npyBytes({ shape, descr: "<i8", isFortran: true }, (i) => (isCell(i) ? 3 : 0));
  await writeFile(join(folder, "mask.npy"), mask);
});
after(() => rm(folder, { recursive: true, force: true }));

test("from files to a catalogue that a run's config can ask, and to a picture of its sample", async () => {
  const images = join(folder, "data", "mine");
  const [stack, mask] = [join(folder, "stack.npy"), join(folder, "mask.npy")];
  const imported = await cello("data", "import", stack, "--labels", mask, "--out", images);
  assert.equal(imported.code, 0, imported.stderr);
  assert.match(imported.stdout, /stack\.ome\.zarr: 1 x 12 x 48 x 32 x 1 .* uint16 with labels/);
  const grid = ["--cube", "1,4,16,16"];
  const listed = await cello("data", "catalogue", images, ...grid);
  assert.match(listed.stdout, /stack\.ome\.zarr: 18 hypercubes/, listed.stderr);
  const again = await cello("data", "catalogue", images, ...grid);
  assert.match(again.stdout, /stack\.ome\.zarr: has not changed/, again.stderr);

  const asked = await cello("data", "query", ...smallRun, "--explain", "--json");
  const steps = asked.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual([steps[0].clause, steps[0].remaining], ["all", 18], asked.stderr);
  assert.equal(steps.at(-1).remaining, 18);

  const checked = await cello("data", "check");
  assert.deepEqual([checked.code, checked.stderr.includes("UNEXPECTED")], [0, false]);
  assert.match(checked.stdout, /1 image, \d+ chunks: 0 faults, 0 notes/);

  const picture = join(folder, "pictures", "sample.png");
  const shown = await cello("data", "show", ...smallRun, "--index", "1", "--out", picture);
  assert.match(shown.stdout, /sample\.png: stack\/stack\.ome\.zarr@t0z.*75 % hidden/, shown.stderr);
  assert.equal((await readFile(picture)).subarray(1, 4).toString(), "PNG");
  assert.deepEqual(await readdir(join(folder, "pictures")), ["sample.png"]);
  assert.ok(!(await readdir(folder)).includes("runs"), "nothing of a run is written");
});

test("a chunk that was damaged is found, and kept out of a run by the quarantine", async () => {
  const [shard = ""] = (await readdir(join(folder, "data", "mine"), { recursive: true }))
    .filter((path) => /stack\.ome\.zarr\/0\/c\/.*\d$/.test(path))
    .sort((a, b) => b.length - a.length);
  const path = join(folder, "data", "mine", shard);
  const bytes = await readFile(path);
  bytes[50] = (bytes[50] ?? 0) ^ 4;
  await writeFile(path, bytes);
  const quarantine = join(folder, "quarantine.json");
  const { code, stdout } = await cello("data", "check", "--quarantine", quarantine);
  assert.equal(code, 3);
  assert.match(stdout, /FAULT damaged {2}0, chunk 0\/0\/0\/0\/0: .*crc32c/);
  const key = `datasets.databases.quarantine_path=${quarantine}`;
  const asked = await cello("data", "query", ...smallRun, key, "--explain");
  assert.match(asked.stdout, /quarantine_path removes all 18 hypercubes/, asked.stderr);
});
