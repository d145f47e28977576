import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { runCommandLine } from "./program.ts";
import { verbs } from "./verbs.ts";

async function cello(...args: readonly string[]) {
  const written = { stdout: "", stderr: "" };
  const exitCode = await runCommandLine(args, {
    stdout: { write: (text) => (written.stdout += text) },
    stderr: { write: (text) => (written.stderr += text) },
    signal: new AbortController().signal,
  });
  return { ...written, exitCode };
}

test("without a verb, and with --help, every verb is shown in a line", async () => {
  const { stdout, exitCode } = await cello("--help");
  assert.equal(exitCode, 0);
  for (const { name, summary } of verbs) assert.ok(stdout.includes(`${name} `), summary);
  assert.equal((await cello()).stdout, stdout);
});

for (const { name, summary, load } of verbs) {
  test(`cello ${name} --help has the summary of the list, and examples`, async () => {
    const { stdout, exitCode } = await cello(name, "--help");
    assert.equal(exitCode, 0);
    assert.ok(stdout.includes(`Usage: cello ${name}`));
    assert.match(stdout, /Examples:\n {2}cello /);
    const loaded = await load();
    assert.equal(loaded.name, name);
    assert.equal(loaded.summary, summary);
  });
}

test("--version prints the version", async () => {
  assert.match((await cello("--version")).stdout, /^\d+\.\d+\.\d+\n$/);
});

for (const [args, message] of [
  [["trian"], /^USAGE: unknown command 'trian' .*Did you mean train\?/],
  [["doctor", "--jsno"], /^USAGE: unknown option '--jsno' \(Did you mean --json\?\)/],
  [
    ["train", "--config-nam=x"],
    /^USAGE: unknown option '--config-nam'; did you mean --config-name\?/,
  ],
  [
    ["train", "--cfg=jb", "--config-name=x"],
    /^USAGE: .*'jb' is invalid\. Allowed choices are job, hydra, all/,
  ],
  [["trian", "--help"], /^USAGE: unknown command 'trian' .*Did you mean train\?/],
  [
    ["--config-name=experiments/nuclei_mae"],
    /^USAGE: unknown option '--config-name'\nhint: {2}A verb comes first: cello manager --config-name=/,
  ],
  [["train", "--config-name="], /^USAGE: expected --config-name NAME/],
  [
    ["train", "-cp", "x"],
    /^USAGE: unknown option '--config-path'\nhint: {2}Give the folder with --config-dir/,
  ],
  [
    ["train", "--config-path=x"],
    /^USAGE: unknown option '--config-path'\nhint: {2}Give the folder/,
  ],
  [
    ["train", "--multirun=true"],
    /^USAGE: --multirun takes no value\nhint: {2}Write --multirun alone\.$/m,
  ],
  [
    ["train", "experiments/nuclei_mae"],
    /^USAGE: expected --config-name NAME\nhint: {2}Did you mean --config-name=experiments\/nuclei_mae\?/,
  ],
  [
    ["manager", "--config-name=experiments/nuclei_mae", "job_type=predict", "--fresh"],
    /^USAGE: --fresh is for training/,
  ],
  [
    ["train", "--config-name=x", "--why"],
    /^USAGE: --why goes with --cfg\nhint: {2}For example --cfg job --why/,
  ],
  [["train", "--config-name=x", "-p", "trainer"], /^USAGE: --package goes with --cfg/],
  [["doctor", "more"], /^USAGE: too many arguments/],
  [["completion", "bsh"], /^USAGE: there is no completion for bsh; did you mean bash\?/],
  [["explain"], /^USAGE: missing required argument 'CODE'/],
  [["config"], /^USAGE: expected a verb after it/],
  [["config", "print"], /^USAGE: expected --config-name NAME/],
  [["config", "list", "optimizer"], /^USAGE: no config lies in .* did you mean optimizers\?/],
] as const) {
  test(`cello ${args.join(" ")} is refused with exit code 2 and a hint`, async () => {
    const { stderr, stdout, exitCode } = await cello(...args);
    assert.match(stderr, message);
    assert.match(stderr, /\nhint: {2}\S/);
    assert.equal(stdout, "");
    assert.equal(exitCode, 2);
  });
}

test("the hint of a wrong flag names the verb whose flags to look at", async () => {
  const { stderr } = await cello("data", "simulate", "movie.ome.zarr", "--shpae=1");
  assert.match(stderr, /hint: {2}cello data simulate --help shows what there is\.\n$/);
});

test("--check is a flag of training alone: a prediction would not heed it", async () => {
  const { stderr, exitCode } = await cello("predict", "--config-name=x", "--check");
  assert.match(stderr, /^USAGE: unknown option '--check'/);
  assert.equal(exitCode, 2);
});

test("a composed config is printed as YAML, with the place of every value on request", async () => {
  const print = ["config", "print", "--config-name", "experiments/nuclei_mae", "seed=7"];
  const { stdout } = await cello(...print, "--why", "--resolve");
  assert.match(stdout, /^seed: 7 {2}# override seed=7$/m);
  assert.match(stdout, /^ {2}batch_size: \d+ {2}# \S*nuclei_mae\.yaml:\d+:\d+$/m);
});

test("--json prints one JSON value and nothing else", async () => {
  const name = "--config-name=experiments/nuclei_mae";
  const { stdout } = await cello("config", "print", name, "--json", "--resolve");
  assert.equal(JSON.parse(stdout).experiment_name, "nuclei_mae");
});

test("--cfg job prints the config and runs nothing", async () => {
  const { stdout, exitCode } = await cello(
    "train",
    "--config-name=experiments/nuclei_mae",
    "--cfg=job",
  );
  assert.equal(exitCode, 0);
  assert.match(stdout, /^ {2}outdir: ".*\$\{experiment_name\}"$/m);
});

const nuclei = "--config-name=experiments/nuclei_mae";

for (const [what, args, expected] of [
  ["a number", ["-p", "trainer.epochs"], /^30 {2}# \S*nuclei_mae\.yaml:\d+:\d+\n$/],
  [
    "a list of which an item is overridden",
    ["-p", "datasets.input_shape", "datasets.input_shape.0=8"],
    /^- 8 {2}# override datasets\.input_shape\.0=8\n- 32 {2}# \S*nuclei_mae\.yaml:\d+:\d+\n/,
  ],
  [
    "a reference",
    ["-p", "seed", "--resolve", "seed=${trainer.epochs}"],
    /^30 {2}# override seed=\$\{trainer\.epochs\}, from \S*nuclei_mae\.yaml:\d+:\d+\n$/,
  ],
  [
    "a value as JSON",
    ["-p", "optimizers", "--json", "optimizers.wd=1"],
    /^\{"key":"optimizers\.wd","value":1,"source":\{"kind":"override","text":"optimizers\.wd=1"\},/m,
  ],
  [
    "a default that does not count, and what does",
    ["-p", "trainer", "+trainer._target_=training.loops.ParallelEpochBasedTrainer"],
    /^kind: epoch_based {2}# \S*epoch_based_trainer\.yaml:2:7; not used: trainer\._target_ counts\n/,
  ],
  [
    "the same as JSON",
    ["-p", "trainer.kind", "--json", "+trainer._target_=training.loops.ParallelEpochBasedTrainer"],
    /^\{"key":"trainer\.kind",.*"isUsed":false,"overruledBy":"trainer\._target_"\}\n$/,
  ],
] as const) {
  test(`--why says what set ${what}`, async () => {
    const { stdout, stderr } = await cello("config", "print", nuclei, "--why", ...args);
    assert.equal(stderr, "");
    assert.match(stdout, expected);
  });
}

test("a secret that is a word leaves keys, numbers and the form of what is printed", async () => {
  const secrets = { PGPASSWORD: "seed", DB_PASSWORD: "2024", MY_SECRET: "tag1", SORT_KEY: "data" };
  Object.assign(process.env, secrets);
  try {
    const { stdout } = await cello(
      ...["config", "print", nuclei, "--why", "seed=2024", "wandb_tags=[tag1,seed]"],
    );
    assert.match(stdout, /^seed: 2024 {2}# override \$\{oc\.env:PGPASSWORD\}/m);
    const tags = '["${oc.env:MY_SECRET}", "${oc.env:PGPASSWORD}"]';
    assert.ok(stdout.includes(`\nwandb_tags: ${tags}  # override wandb_tags=[`), stdout);
    assert.match(stdout, /^ {2}data_path: /m);
  } finally {
    for (const name of Object.keys(secrets)) delete process.env[name];
  }
});

test("--cfg with --package and --why shows a part, and what set each value of it", async () => {
  const { stdout } = await cello(
    "train",
    nuclei,
    "--cfg=job",
    "-p",
    "optimizers",
    "--why",
    "optimizers.wd=1",
  );
  assert.match(stdout, /^lr: 0\.001 {2}# \S*nuclei_mae\.yaml:\d+:\d+$/m);
  assert.match(stdout, /^wd: 1 {2}# override optimizers\.wd=1$/m);
  assert.doesNotMatch(stdout, /trainer/);
  const one = await cello("train", nuclei, "--cfg=job", "--package=optimizers.lr", "--resolve");
  assert.equal(one.stdout, "0.001\n");
  const none = await cello("train", nuclei, "--cfg=job", "--package=optimizer");
  assert.match(
    none.stderr,
    /^CONFIG_NOT_FOUND: the config has no optimizer; did you mean optimizers\?/,
  );
});

test("--cfg hydra shows what Hydra's own keys are, --cfg all both, and -c is --cfg", async () => {
  const hydra = await cello("train", "-cn", "experiments/nuclei_mae", "-c", "hydra");
  assert.match(hydra.stdout, /^hydra:\n {2}run:\n/);
  assert.doesNotMatch(hydra.stdout, /^trainer:/m);
  const all = await cello("train", nuclei, "--cfg=all", "--resolve", "--json");
  assert.deepEqual(Object.keys(JSON.parse(all.stdout)).slice(0, 2), ["hydra", "paths"]);
});

test("--cfg hydra --resolve resolves what it can, and leaves ??? where only a run knows, as Hydra does", async () => {
  const args = ["train", nuclei, "--cfg=hydra", "--resolve", "--json"];
  const { stdout } = await cello(...args, "hydra.run.dir=out/${experiment_name}");
  const { hydra } = JSON.parse(stdout);
  assert.equal(hydra.run.dir, "out/nuclei_mae");
  assert.match(hydra.sweep.dir, /^multirun\/\d{4}-/);
  assert.equal(hydra.sweep.subdir, "???");
  assert.doesNotMatch(stdout, /\$\{/);
  const wrong = await cello(...args, "hydra.run.dir=out/${experiment_nam}");
  assert.match(wrong.stderr, /there is no key experiment_nam; did you mean experiment_name\?/);
});

test("--info defaults-tree shows the files of a config", async () => {
  const { stdout } = await cello("train", nuclei, "--info", "defaults-tree", "optimizers=lamb");
  assert.match(stdout, /^ {2}experiments\/nuclei_mae:\n {4}paths: local\n/m);
  assert.match(stdout, /^ {4}optimizers: lamb$/m);
});

test("--cfg of a sweep shows each of its runs, and of a list of runs the list", async () => {
  const sweep = await cello("train", nuclei, "-m", "--cfg=job", "--package=seed", "seed=3,4");
  assert.equal(sweep.stdout, "# nuclei_mae_sweep_seed_3\n3\n# nuclei_mae_sweep_seed_4\n4\n");
  const list = await cello("config", "print", "--config-name=benchmarks/training_4d_sizes");
  assert.match(list.stdout, /^run_type: multi_run\n/);
  assert.equal(list.stderr, "");
  const resolved = await cello(
    "train",
    "--config-name=benchmarks/training_4d_sizes",
    "--cfg=job",
    "--resolve",
  );
  assert.equal(resolved.stdout, list.stdout);
  assert.match(resolved.stderr, /^a list of runs is shown as it is written/);
});

test("a search is composed and checked, and then refused with a sentence", async () => {
  const { stderr, exitCode } = await cello("manager", nuclei, "run_type=tune", "+tune=tune");
  assert.match(
    stderr,
    /^CONFIG_TUNE: the config asks for a search .*\nhint: {2}Try the values .* -m run_type=single_run clusters\.batch_size=16,32\n/,
  );
  assert.equal(exitCode, 2);
  const wrong = await cello(
    "manager",
    nuclei,
    "run_type=tune",
    "+tune=tune",
    "tune.tune_config.num_samples=0",
  );
  assert.match(wrong.stderr, /^CONFIG_INVALID: 1 problem in .*\n.*tune\.tune_config\.num_samples/);
});

test("a sweep without -m is refused with the way to run it", async () => {
  const { stderr } = await cello("train", nuclei, "seed=1,2");
  assert.match(stderr, /^CONFIG_OVERRIDE: .*seed=1,2.*(?:-m|multirun)/s);
});

test("--no-schema leaves alone what does not resolve, unless --resolve is asked for", async () => {
  const folder = mkdtempSync(join(tmpdir(), "cello-"));
  after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "c.yaml"), "a: ${oc.env:NOBODY_SETS_THIS}\n");
  const print = ["config", "print", "--no-schema", `--config-dir=${folder}`, "--config-name=c"];
  assert.equal((await cello(...print)).stdout, 'a: "${oc.env:NOBODY_SETS_THIS}"\n');
  assert.match((await cello(...print, "--resolve")).stderr, /^CONFIG_INTERPOLATION: /);
});

test("configs are listed by the name that --config-name takes", async () => {
  const lines = (await cello("config", "list")).stdout.split("\n");
  for (const name of [
    "test_pretrain_4d_mae_local",
    "experiments/nuclei_mae",
    "benchmarks/training_4d_sweep",
  ]) {
    assert.ok(lines.includes(name), name);
  }
  assert.match((await cello("config", "list", "experiments")).stdout, /^experiments\/nuclei_mae$/m);
  assert.match((await cello("config", "list", "optimizers")).stdout, /^adamw_mae$/m);
});

test("a wrong config ends with 2 and names every problem; the stack needs --trace", async () => {
  const args = ["config", "print", "--config-name=experiments/nuclei_mae", "optimizers.lr=-1"];
  const { stderr, exitCode } = await cello(...args);
  assert.equal(exitCode, 2);
  assert.match(stderr, /^CONFIG_INVALID: 1 problem in experiments\/nuclei_mae\n/);
  assert.doesNotMatch(stderr, /\n {4}at /);
  assert.match((await cello(...args, "--trace")).stderr, /\n {4}at /);
});

test("any folder of Hydra YAML is composed with --no-schema", async () => {
  const folder = mkdtempSync(join(tmpdir(), "cello-"));
  after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "c.yaml"), "a: 1\nb: ${a}\n");
  const { stdout, stderr } = await cello(
    ...["config", "print", "--no-schema", "--config-dir", folder, "--config-name", "c"],
    ...["--resolve", "--json", "+d=[x]"],
  );
  assert.equal(stderr, "");
  assert.deepEqual(JSON.parse(stdout), { a: 1, b: 1, d: ["x"] });
});

test("an error code is explained, with its exit code", async () => {
  const { stdout } = await cello("explain", "config_invalid");
  assert.match(stdout, /^CONFIG_INVALID \(exit code 2\)\n\n.*\n\nWhat to do: /);
  assert.match((await cello("explain", "UNEXPECTED")).stdout, /^UNEXPECTED \(exit code 1\)/);
  assert.match((await cello("explain", "CONFIG_INVLID")).stderr, /did you mean CONFIG_INVALID\?/);
});

test("doctor prints each check as a line, or as JSON", async () => {
  const { stdout } = await cello("doctor", "--json");
  const checks = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.ok(checks.length > 5);
  for (const { status } of checks) assert.match(status, /^(?:pass|warn|fail)$/);
});

test("config list names groups in a group, and all that lies in folders of one's own", async (t) => {
  const { stderr, exitCode } = await cello("config", "list", "models/meta_arch");
  assert.equal(exitCode, 0);
  assert.match(stderr, /^groups in models\/meta_arch: .*models\/meta_arch\/mae,/);
  const folder = mkdtempSync(join(tmpdir(), "own-"));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "mine"));
  writeFileSync(join(folder, "mine/x.yaml"), "a: 1\n");
  const { stdout } = await cello("config", "list", `--config-dir=${folder}`);
  assert.match(stdout, /^mine\/x$/m);
  assert.doesNotMatch(stdout, /^optimizers\//m);
  const none = await cello("config", "print", "--no-schema", `--config-dir=${folder}`, "-cn", "y");
  assert.match(none.stderr, /^CONFIG_NOT_FOUND: no config y in .*\nhint: {2}There are mine\/x; /);
});
