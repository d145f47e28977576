import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { startCello } from "./cello-process.ts";
import { addStack, smallData, smallRun } from "./small-data.ts";

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "cello-data-"));
  t.after(() => rm(folder, { recursive: true }));
  await smallData(join(folder, "data"));
  return folder;
}

test("a run whose data have moved goes on; one whose records are others says so, and leaves all as it was", async (t) => {
  const folder = await folderOf(t);
  const [runs, run] = [join(folder, "runs"), join(folder, "runs", "nuclei_mae")];
  const [data, moved] = [join(folder, "data"), join(folder, "moved")];
  const env = { CELLO_FAILPOINT: "opt.afterStep=kill@8" };
  await startCello(["train", ...smallRun], { runs, data, env }).ended;
  const texts = async () =>
    await Promise.all(
      ["config.json", "logs/events.jsonl", "logs/step_logbook.csv"].map(
        async (name) => await readFile(join(run, name), "utf8"),
      ),
    );
  const before = await texts();
  assert.match(before[1] ?? "", /"step":7/); // after the save of step 6: goes when the run goes on
  await cp(data, moved, { recursive: true });
  await addStack(data);
  const longer = [...smallRun, "trainer.epochs=5"];
  const refused = await startCello(["train", ...longer], { runs, data }).ended;
  assert.equal(refused.code, 3);
  assert.match(refused.stderr, /RUN_DATA: .* trained on: (\d+) records then, (?!\1)\d+ now$/m);
  assert.match(refused.stderr, /--accept-new-data, or start over with --fresh/);
  assert.deepEqual(await texts(), before);
  await rename(data, join(folder, "away"));
  const gone = await startCello(["train", ...smallRun], { runs, data: moved }).ended;
  assert.equal(gone.code, 0, gone.stderr);
  assert.match(gone.stderr, /going on from step 6 of 32/);
  const changed = { runs, data: join(folder, "away") };
  const predicted = await startCello(["predict", ...smallRun], changed).ended;
  assert.equal(predicted.code, 0, predicted.stderr);
  assert.match(predicted.stdout, /held-out samples of other data than it was trained on \(\d+ rec/);
  assert.doesNotMatch(predicted.stdout, /^curve/m); // its levels would be those of other samples
  assert.match(predicted.stdout, /\(1 is the variance of the input\):$/m);
  const accepted = await startCello(["train", ...longer, "--accept-new-data"], changed).ended;
  assert.equal(accepted.code, 0, accepted.stderr);
  assert.match(accepted.stderr, /going on with other data: \d+ records then, \d+ now/);
  assert.match(accepted.stderr, /going on from step 32 of 40/);
  const again = await startCello(["train", ...longer], changed).ended;
  assert.deepEqual([again.code, again.stderr], [0, ""]); // they are the run's own now
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  test(`${signal} while the data are looked for ends with 75: the same command begins`, async (t) => {
    const folder = await folderOf(t);
    const options = { runs: join(folder, "runs"), data: join(folder, "data") };
    const env = { CELLO_FAILPOINT: "run.beforeData=stop@1" };
    const first = startCello(["train", ...smallRun], { ...options, env });
    await first.stopped();
    first.child.kill(signal);
    first.child.kill("SIGCONT");
    const { code, stderr } = await first.ended;
    assert.equal(code, 75, stderr);
    assert.match(
      stderr,
      new RegExp(`RUN_STOPPED: stopped by ${signal}, before the data were found`),
    );
  });
}

test("a run that had saved nothing begins with the data of now, and goes on without their catalogue", async (t) => {
  const folder = await folderOf(t);
  const [runs, data] = [join(folder, "runs"), join(folder, "data")];
  const env = { CELLO_FAILPOINT: "opt.afterStep=kill@2" };
  const train = async (...more: readonly string[]) =>
    await startCello(["train", ...smallRun, ...more], { runs, data, env }).ended;
  await train(); // killed before its first save
  await addStack(data);
  env.CELLO_FAILPOINT = "opt.afterStep=kill@5";
  await train(); // killed after it
  env.CELLO_FAILPOINT = "";
  await rename(join(data, "catalogue.duckdb"), join(folder, "catalogue.duckdb"));
  const { code, stderr } = await train();
  assert.equal(code, 0, stderr);
  assert.match(stderr, /going on from step 3 of 32/);

  // A quarantine changes the data: it is taken where they may be others.
  await rename(join(folder, "catalogue.duckdb"), join(data, "catalogue.duckdb"));
  const quarantine = join(folder, "q.json");
  const part = { prepared_id: "more", tile_name: "more.ome.zarr", reason: "a test" };
  const path = join(data, "sample", "more.ome.zarr");
  const parts = [{ path, ...part, origin: null, shape: null }];
  await writeFile(quarantine, JSON.stringify({ version: 1, parts }));
  const without = [`datasets.databases.quarantine_path=${quarantine}`, "trainer.epochs=5"];
  const refused = await train(...without);
  assert.match(refused.stderr, /RUN_CONFIG: .*\n.*quarantine_path: null there/);
  assert.match(refused.stderr, /by --accept-new-data/);
  const accepted = await train(...without, "--accept-new-data");
  assert.equal(accepted.code, 0, accepted.stderr);
  assert.match(accepted.stderr, /going on with other data: \d+ records then, \d+ now/);
  const again = await train(...without);
  assert.deepEqual([again.code, again.stderr], [0, ""]);
});
