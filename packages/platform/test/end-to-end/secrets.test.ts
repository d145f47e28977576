// Scenario R32: values that are secret in twelve places, and in no output.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { smallData, smallRun } from "./small-data.ts";

const program = join(import.meta.dirname, "../../bin/cello.mjs");

/** Where each is, and what it is; none is a part of another. */
const canaries = {
  "environment, in a config by ${oc.env:}": "canary01-wandb",
  ".env, in a config by ${oc.env:}": "canary02#pass",
  ".env, inside of another variable": "canary03-user",
  ".env, in quotes with an escape": 'canary04"quoted',
  "environment, typed as the value of an override": "canary05-trino",
  "environment, typed as a key of an override": "canary06-token",
  "environment, typed as the option of a group": "canary07-secret",
  "environment, in a value that the schema refuses": "canary08-id",
  "a password in a URL of a config, in no variable": "canary09-url",
  "a token in the query of a URL, in no variable": "canary10-query",
  "environment, in a path of an error": "canary11-key",
  "environment, in the name of the run": "canary12-name",
} as const;
type Place = keyof typeof canaries;
const at = (place: Place): string => canaries[place];

let folder = "";
const printed: string[] = [];

async function cello(args: readonly string[], overrides: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: folder,
    env: {
      ...process.env,
      RUNS_DIR: "runs",
      DATA_DIR: "data",
      WANDB_API_KEY: at("environment, in a config by ${oc.env:}"),
      TRINO_PASS: at("environment, typed as the value of an override"),
      HF_TOKEN: at("environment, typed as a key of an override"),
      CLIENT_SECRET: at("environment, typed as the option of a group"),
      SUPABASE_PROD_ID: at("environment, in a value that the schema refuses"),
      STORAGE_KEY: at("environment, in a path of an error"),
      DB_PASSWORD: at("environment, in the name of the run"),
      ...overrides,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  printed.push(stdout, stderr);
  return { stdout, stderr, code };
}

const run = ["--config-dir=configs", "--config-name=own", ...smallRun.slice(1), "trainer.epochs=1"];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "cello-secrets-"));
  await smallData(join(folder, "data"));
  await mkdir(join(folder, "configs"));
  await writeFile(
    join(folder, ".env"),
    [
      `SUPABASE_PASS=${at(".env, in a config by ${oc.env:}")}`,
      `SUPABASE_USER=${at(".env, inside of another variable")}`,
      `SUPABASE_STAGING_ID='${at(".env, in quotes with an escape")}'`,
      'SUPABASE_STAGING_URI="postgresql://${SUPABASE_USER}.${SUPABASE_STAGING_ID}:${SUPABASE_PASS}@aws:5432/db"',
      "",
    ].join("\n"),
  );
  await writeFile(
    join(folder, "configs", "own.yaml"),
    `# @package _global_
defaults: [experiments/nuclei_mae, _self_]
experiment_name: own
wandb_project: \${oc.env:WANDB_API_KEY}
wandb_tags:
  - \${oc.env:SUPABASE_STAGING_URI}
  - key \${oc.env:SUPABASE_PASS}
  - https://host/x?api_token=${at("a token in the query of a URL, in no variable")}
paths:
  docker_image: registry://me:${at("a password in a URL of a config, in no variable")}@host/image
`,
  );
  await writeFile(
    join(folder, "configs", "list.yaml"),
    `# @package _global_
run_type: multi_run
runs:
  - {name: a, cfg: own, overrides: {wandb_project: "\${oc.env:TRINO_PASS}"}}
`,
  );
});
after(() => rm(folder, { recursive: true, force: true }));

test("a run that has secrets in its config and its command trains, goes on, and predicts", async () => {
  const typed = `clusters.job_name=${at("environment, typed as the value of an override")}`;
  const trained = await cello(["train", ...run, typed]);
  assert.equal(trained.code, 0, trained.stderr);
  const longer = await cello(["train", ...run, typed, "trainer.epochs=2"]);
  assert.equal(longer.code, 0, longer.stderr);
  assert.match(longer.stderr, /going on from step 8 of 16/);
  assert.equal((await cello(["predict", ...run])).code, 0);
  const saved = JSON.parse(await readFile(join(folder, "runs/own/config.json"), "utf8"));
  assert.equal(saved.wandb_project, "${oc.env:WANDB_API_KEY}");
  assert.equal(saved.wandb_tags[0], "${oc.env:SUPABASE_STAGING_URI}");
  assert.equal(saved.clusters.job_name, "${oc.env:TRINO_PASS}");
});

test("secrets that are words leave a run as it is: it goes on without them, and in a list", async () => {
  const words = {
    SUPABASE_USER: "postgres",
    TRINO_USER: "data",
    DEPLOY_KEY: "train",
    SORT: "data",
  };
  const url = `postgres://me:${at("a password in a URL of a config, in no variable")}@host/db`;
  const named = [...run, "experiment_name=words", `wandb_project='${url}'`];
  const trained = await cello(["train", ...named], words);
  assert.equal(trained.code, 0, trained.stderr);
  const longer = await cello(["train", ...named, "trainer.epochs=2"]);
  assert.equal(longer.code, 0, longer.stderr);
  assert.match(longer.stderr, /going on from step 8 of 16/);
  const saved = JSON.parse(await readFile(join(folder, "runs/words/config.json"), "utf8"));
  assert.equal(saved.wandb_project, "postgres://me:***@host/db");
  assert.equal(saved.job_type, "train");
  const list = ["manager", "--config-dir=configs", "--config-name=list"];
  const overrides = [...smallRun.slice(1), "trainer.epochs=1", "wandb_tags=[postgres-run,b]"];
  const { code, stderr } = await cello(
    [...list, "runs.0.name=w", ...overrides.map((line) => `++runs.0.overrides.${line}`)],
    words,
  );
  assert.equal(code, 0, stderr);
});

test("a config is printed with the names of its secrets", async () => {
  for (const show of [
    ["--resolve"],
    ["--why"],
    ["--resolve", "--json"],
    ["--package=wandb_tags", "--resolve"],
  ]) {
    const { stdout, stderr, code } = await cello(["config", "print", ...run, ...show]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /\$\{oc\.env:SUPABASE_STAGING_URI\}/, show.join(" "));
  }
  for (const cfg of ["job", "hydra", "all"]) {
    const { code, stderr } = await cello(["train", ...run, `--cfg=${cfg}`, "--resolve"]);
    assert.equal(code, 0, stderr);
  }
  const { stdout } = await cello([
    "complete",
    `cello train ${run.slice(0, 2).join(" ")} wandb_project=`,
  ]);
  assert.match(stdout, /oc\.env:WANDB_API_KEY/);
});

test("errors name the variable: of keys, options, values and paths, with the stack too", async () => {
  const { stderr: key } = await cello(
    ["train", ...run, `+${at("environment, typed as a key of an override").replace("-", "_")}=1`],
    { HF_TOKEN: at("environment, typed as a key of an override").replace("-", "_") },
  );
  assert.match(key, /HF_TOKEN/);
  const option = `optimizers=${at("environment, typed as the option of a group")}`;
  assert.match((await cello(["train", ...run, option, "--trace"])).stderr, /CLIENT_SECRET/);
  const value = "seed=${oc.env:SUPABASE_PROD_ID}";
  assert.match((await cello(["train", ...run, value])).stderr, /SUPABASE_PROD_ID/);
  for (const cut of [50, 54, 58]) {
    const long = `seed=${"y".repeat(cut)}\${oc.env:SUPABASE_STAGING_URI}`; // messages shorten it
    assert.match((await cello(["train", ...run, long])).stderr, /^CONFIG_INVALID/);
  }
  const path = `datasets.databases.catalogue_path=${at("environment, in a path of an error")}/x`;
  assert.match((await cello(["train", ...run, path, "--trace"])).stderr, /STORAGE_KEY/);
  const config = `--config-name=${at("environment, in a path of an error")}`;
  assert.match((await cello(["train", config])).stderr, /STORAGE_KEY/);
});

test("a name that holds a secret is refused before there is a folder", async () => {
  const name = `experiment_name=${at("environment, in the name of the run")}`;
  const { code, stderr } = await cello(["train", ...run, name]);
  assert.equal(code, 2);
  assert.match(stderr, /^CONFIG_SECRET: experiment_name holds the value of DB_PASSWORD/);
  const outdir = `profiling.outdir=/x/${at("environment, in the name of the run")}`;
  const refused = await cello(["train", ...run, `++${outdir}`]);
  assert.match(refused.stderr, /^CONFIG_SECRET: profiling.outdir holds the value of DB_PASSWORD/);
});

test("runs that are processes of their own get their secrets, and tell none", async () => {
  const { code, stderr } = await cello([
    "manager",
    "--config-dir=configs",
    "--config-name=list",
    ...smallRun.slice(1).map((line) => `++runs.0.overrides.${line}`),
    "++runs.0.overrides.trainer.epochs=1",
  ]);
  assert.equal(code, 0, stderr);
  const text = await readFile(join(folder, "runs/own/run-configs/a.yaml"), "utf8");
  assert.match(text, /wandb_project: "\$\{oc\.env:TRINO_PASS\}"/);
  const saved = JSON.parse(await readFile(join(folder, "runs/own/a/config.json"), "utf8"));
  assert.equal(saved.wandb_project, "${oc.env:TRINO_PASS}");
});

test("no secret is in anything that was printed, nor in any file or its name", async () => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const given = new Set([join(folder, ".env"), join(folder, "configs", "own.yaml")]);
  let numFiles = 0;
  const hits: string[] = [];
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (given.has(path)) continue;
    const content = entry.isFile() ? await readFile(path, "latin1") : "";
    numFiles += entry.isFile() ? 1 : 0;
    if (/canary\d\d/.test(entry.name) || /canary\d\d/.test(content)) hits.push(path);
  }
  assert.ok(numFiles > 20, `${numFiles} files`);
  assert.ok(printed.length > 20 && printed.join("").length > 10_000);
  assert.deepEqual(hits, []);
  const said = printed.flatMap((text) => text.match(/.*canary\d\d.*/g) ?? []);
  assert.deepEqual(said, []);
});
