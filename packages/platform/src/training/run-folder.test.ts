import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { composeRun, type RunConfig } from "../config/index.ts";
import {
  openRunFolder,
  type RunFolder,
  type RunFolderOptions,
  readRunConfig,
} from "./run-folder.ts";

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

/** Takes the folder, and goes on with it. */
async function begin(options: RunFolderOptions): Promise<RunFolder> {
  const run = await openRunFolder(options);
  await run.begin();
  return run;
}

test("config.yaml is read as the config that it is of, also where its texts look like numbers", async (t) => {
  const folder = await runs(t);
  const config = configIn(folder, "wandb_tags=['no','on','1:30','1_000','0b11','.5']", "seed=3");
  await (await begin({ config, overrides: [], isFresh: false })).lock.release();
  const read = composeRun({
    configName: "config",
    overrides: [],
    configDirs: [config.paths.outdir],
    env: {},
  });
  assert.deepEqual(read.config.wandb_tags, ["no", "on", "1:30", "1_000", "0b11", ".5"]);
  assert.deepEqual(read.config, config);
});

test("a new run has its config, its overrides, and the name `latest`", async (t) => {
  const folder = await runs(t);
  const config = configIn(folder);
  const overrides = ["seed=0"];
  const run = await begin({ config, overrides, isFresh: false });
  assert.equal(run.path, join(folder, "nuclei_mae"));
  assert.deepEqual(await readRunConfig(run.path), config);
  assert.equal(await readFile(join(run.path, "overrides.txt"), "utf8"), "seed=0\n");
  assert.equal(await readlink(join(folder, "latest")), "nuclei_mae");
  await run.lock.release();
});

test("a run of another config is not touched: the keys that differ are named", async (t) => {
  const folder = await runs(t);
  const first = await begin({ config: configIn(folder), overrides: [], isFresh: false });
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
  const first = await begin({ config: configIn(folder), overrides: [], isFresh: false });
  await first.lock.release();
  const changed = configIn(folder, "seed=3");
  await (await begin({ config: changed, overrides: [], isFresh: false })).lock.release();
  await withCheckpoint(first.path);
  const longer = configIn(folder, "seed=3", "trainer.epochs=1000");
  await (await begin({ config: longer, overrides: [], isFresh: false })).lock.release();
  assert.equal((await readRunConfig(first.path))?.trainer.epochs, 1000);
});

test("--fresh keeps the earlier run under another name", async (t) => {
  const folder = await runs(t);
  const config = configIn(folder);
  for (const wanted of [null, join(folder, "nuclei_mae-1"), join(folder, "nuclei_mae-2")]) {
    const run = await begin({ config, overrides: [], isFresh: true });
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

test("a folder that is taken has the config of before until the run begins", async (t) => {
  const folder = await runs(t);
  await (await begin({ config: configIn(folder), overrides: [], isFresh: false })).lock.release();
  const config = configIn(folder, "trainer.epochs=1000");
  const run = await openRunFolder({ config, overrides: [], isFresh: false });
  assert.notEqual((await readRunConfig(run.path))?.trainer.epochs, 1000);
  await run.begin();
  assert.equal((await readRunConfig(run.path))?.trainer.epochs, 1000);
  await run.lock.release();
});

test("temporary files of processes that are gone are removed; those of others stay", async (t) => {
  const folder = await runs(t);
  const config = configIn(folder);
  const run = config.paths.outdir;
  const child = spawn(process.execPath, ["-e", ""]);
  await once(child, "exit");
  const places = [folder, run, join(run, "lock"), join(run, "inference"), config.loggers.logdir];
  for (const place of places) {
    await mkdir(place, { recursive: true });
    for (const pid of [child.pid, process.ppid, process.pid]) {
      await writeFile(join(place, `.latest-x.${pid}.tmp`), "");
    }
    await writeFile(join(place, `notes.${child.pid}.tmp`), "");
    await mkdir(join(place, `.latest-image.zarr.${child.pid}.tmp`, "0"), { recursive: true });
  }
  const taken = await openRunFolder({ config, overrides: [], isFresh: false });
  await taken.lock.release();
  for (const place of places) {
    const left = (await readdir(place)).filter((name) => name.endsWith(".tmp"));
    const others = place === folder ? [`notes.${child.pid}.tmp`] : []; // it is not the run's
    assert.deepEqual(left.toSorted(), [`.latest-x.${process.ppid}.tmp`, ...others]);
  }
});
