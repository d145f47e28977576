import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { composeRun, type RunConfig } from "../config/index.ts";
import { openRunFolder, readRunConfig } from "./run-folder.ts";

async function runs(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "cello-runs-"));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

function configIn(folder: string, ...overrides: string[]): RunConfig {
  return composeRun({
    configName: "experiments/nuclei_mae",
    overrides,
    configDirs: [],
    env: { RUNS_DIR: folder },
  }).config;
}

const withCheckpoint = (path: string) =>
  mkdir(join(path, "checkpoints", "step-000000001"), { recursive: true });

test("a new run has its config, its overrides, and the name `latest`", async (t) => {
  const folder = await runs(t);
  const config = configIn(folder);
  const overrides = ["seed=0"];
  const run = await openRunFolder({ config, overrides, isFresh: false });
  assert.equal(run.path, join(folder, "nuclei_mae"));
  assert.deepEqual(await readRunConfig(run.path), config);
  assert.equal(await readFile(join(run.path, "overrides.txt"), "utf8"), "seed=0\n");
  assert.equal(await readlink(join(folder, "latest")), "nuclei_mae");
  await run.lock.release();
});

test("a run of another config is not touched: the keys that differ are named", async (t) => {
  const folder = await runs(t);
  const first = await openRunFolder({ config: configIn(folder), overrides: [], isFresh: false });
  await withCheckpoint(first.path);
  await first.lock.release();
  const other = configIn(folder, "optimizers.lr=0.5", "trainer.epochs=7");
  const act = openRunFolder({ config: other, overrides: [], isFresh: false });
  await assert.rejects(act, (error: Error & { code?: string }) => {
    assert.equal(error.code, "RUN_CONFIG");
    assert.match(error.message, /optimizers\.lr: 0\.\d+ there, 0\.5 now$/);
    return true;
  });
  assert.notEqual((await readRunConfig(first.path))?.optimizers.lr, 0.5);
});

test("a run may be made longer, and a run that saved nothing yet may be changed", async (t) => {
  const folder = await runs(t);
  const first = await openRunFolder({ config: configIn(folder), overrides: [], isFresh: false });
  await first.lock.release();
  const changed = configIn(folder, "seed=3");
  await (await openRunFolder({ config: changed, overrides: [], isFresh: false })).lock.release();
  await withCheckpoint(first.path);
  const longer = configIn(folder, "seed=3", "trainer.epochs=1000");
  await (await openRunFolder({ config: longer, overrides: [], isFresh: false })).lock.release();
  assert.equal((await readRunConfig(first.path))?.trainer.epochs, 1000);
});

test("--fresh keeps the earlier run under another name", async (t) => {
  const folder = await runs(t);
  const config = configIn(folder);
  for (const wanted of [null, join(folder, "nuclei_mae-1"), join(folder, "nuclei_mae-2")]) {
    const run = await openRunFolder({ config, overrides: [], isFresh: true });
    assert.equal(run.movedTo, wanted);
    await withCheckpoint(run.path);
    await run.lock.release();
  }
  assert.ok(existsSync(join(folder, "nuclei_mae-1", "checkpoints")));
});

test("a config.json that is none is refused, with the file and the reason", async (t) => {
  const folder = await runs(t);
  const config = configIn(folder);
  await mkdir(config.paths.outdir);
  await writeFile(join(config.paths.outdir, "config.json"), '{"seed": "x"}');
  await assert.rejects(openRunFolder({ config, overrides: [], isFresh: false }), {
    code: "RUN_CONFIG_FILE",
    message: /nuclei_mae\/config\.json is not the config of a run: [\s\S]*seed/,
  });
});
