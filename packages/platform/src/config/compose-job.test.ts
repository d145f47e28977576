import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { type Job, type JobRequest, planJob } from "./compose-job.ts";
import { ConfigInvalidError, ConfigOverrideError } from "./faults/errors.ts";

const root = mkdtempSync(join(tmpdir(), "job-"));
after(() => rmSync(root, { recursive: true }));

/** A folder of configs that is searched before the program's own. */
function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(root, "configs-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, `${name}.yaml`), text);
  }
  return folder;
}

function plan(folder: string, request: Partial<JobRequest> = {}): Job {
  const usual = {
    configName: "list",
    overrides: [],
    configDirs: [folder],
    env: {},
    isSweep: false,
  };
  return planJob({ ...usual, ...request });
}

function several(folder: string, request: Partial<JobRequest> = {}) {
  const job = plan(folder, request);
  assert.equal(job.kind, "several");
  return job.kind === "several" ? job : assert.fail();
}

const list = (text: string) =>
  folderOf({ list: `# @package _global_\nrun_type: multi_run\n${text}` });
const cfg = "experiments/nuclei_mae";

test("a list of runs is each run's config with its overrides, in a folder of its own", () => {
  const { runs } = several(
    list(`data_base_dir: study
runs:
  - {name: short, cfg: ${cfg}, overrides: {trainer: {epochs: 2}}}
  - {name: long, cfg: ${cfg}, overrides: {trainer: {epochs: 9}, seed: 4}}
`),
  );
  const facts = runs.map(({ name, outdir, config }) => [
    name,
    outdir,
    config.trainer.epochs,
    config.seed,
  ]);
  assert.deepEqual(facts, [
    ["short", "runs/nuclei_mae/study/short", 2, 0],
    ["long", "runs/nuclei_mae/study/long", 9, 4],
  ]);
  assert.deepEqual(
    runs.map(({ config }) => config.experiment_name),
    ["short", "long"],
  );
});

test("a sweep is the product of its values, and the names have them", () => {
  const { runs } = several(
    list(`experiment_name: study
runs:
  - name: base
    cfg: ${cfg}
    sweep:
      - optimizers: {lr: [0.001, 1.0e-5]}
      - trainer: {epochs: [2, 3]}
`),
  );
  assert.deepEqual(
    runs.map(({ outdir, config }) => [outdir, config.optimizers.lr, config.trainer.epochs]),
    [
      ["runs/study/base_sweep_lr_0p001_sweep_epochs_2", 0.001, 2],
      ["runs/study/base_sweep_lr_0p001_sweep_epochs_3", 0.001, 3],
      ["runs/study/base_sweep_lr_1e-05_sweep_epochs_2", 1e-5, 2],
      ["runs/study/base_sweep_lr_1e-05_sweep_epochs_3", 1e-5, 3],
    ],
  );
});

test("defaults_overrides replaces a group as a whole: the config's own keys in it are gone", () => {
  const folder = folderOf({
    list: `# @package _global_
run_type: multi_run
runs:
  - {name: kept, cfg: ${cfg}}
  - {name: other, cfg: ${cfg}, defaults_overrides: [{optimizers: optimizers/mine}]}
  - {name: short, cfg: ${cfg}, defaults_overrides: [{optimizers: mine}]}
`,
    "optimizers/mine": "name: adamw\nwd: 0.5\n",
  });
  const { runs } = several(folder);
  const facts = runs.map(({ config: { optimizers } }) => [optimizers.lr, optimizers.wd]);
  assert.equal(facts[0]?.[0], 1e-3);
  assert.notEqual(facts[1]?.[0], 1e-3);
  assert.equal(facts[1]?.[1], 0.5);
  assert.deepEqual(facts[2], facts[1]);
});

test("a default that a run has overruled is not in its file, where it could not be told from the rest", () => {
  const target = "data.databases.trino_database.TrinoDatabase";
  const overrides = `{datasets: {databases: {_target_: ${target}}}}`;
  const { runs } = several(list(`runs:\n  - {name: a, cfg: ${cfg}, overrides: ${overrides}}\n`));
  assert.equal(runs[0]?.config.datasets.databases.kind, "trino");
  const text = runs[0]?.file?.text ?? "";
  assert.match(text, /_target_: data\.databases\.trino_database/);
  assert.doesNotMatch(text, /kind: duckdb/);
});

test("references in overrides are meant in the run, tags are added, and other keys are its own", () => {
  const { runs } = several(
    list(`wandb_tags: [study]
wandb_project: cells
runs:
  - name: a
    cfg: ${cfg}
    overrides: {wandb_tags: [own], seed: "\${trainer.epochs}", trainer: {epochs: 7}}
`),
  );
  const [run] = runs;
  assert.deepEqual(run?.config.wandb_tags, ["own", "study"]);
  assert.deepEqual([run?.config.wandb_project, run?.config.seed], ["cells", 7]);
});

test("the file of a run composes to the same run", () => {
  const folder = list(`runs: [{name: a, cfg: ${cfg}, overrides: {trainer: {epochs: 7}}}]`);
  const [run] = several(folder).runs;
  const { file, config, args } = run ?? assert.fail();
  assert.deepEqual(args, ["--config-dir=runs/nuclei_mae/run-configs", "--config-name=a"]);
  assert.match(file?.text ?? "", /^# @package _global_\n/);
  const again = plan(folderOf({ a: file?.text ?? "" }), { configName: "a" });
  assert.equal(again.kind, "one");
  assert.deepEqual(again.kind === "one" && again.config, config);
});

test("runs without a config of their own start from the keys beside the list", () => {
  const folder = folderOf({
    list: `# @package _global_
defaults: [${cfg}, _self_]
run_type: multi_run
runs:
  - {name: a, overrides: {seed: 1}}
  - {name: b, overrides: {seed: 2}}
`,
  });
  const { runs, list: found } = several(folder);
  assert.deepEqual(
    runs.map(({ config, outdir }) => [outdir, config.seed]),
    [
      ["runs/nuclei_mae/a", 1],
      ["runs/nuclei_mae/b", 2],
    ],
  );
  assert.deepEqual(found?.unusedKeys, []);
});

test("keys of a run that no run of the list starts from are named", () => {
  const folder = list(`seed: 3\nruns: [{name: a, cfg: ${cfg}}]`);
  assert.deepEqual(several(folder).list?.unusedKeys, ["seed"]);
});

for (const [text, message] of [
  ["runs: [{name: a}]", /list\.yaml:3:8: run a: runs\.0\.cfg is not given/],
  ["rns: []", /rns is not a key of a config; did you mean runs\?/],
  [`runs: [{name: a, cfg: ${cfg}, sweep: [{seed: 1}]}]`, /needs exactly one list of values/],
  [`runs: [{name: a, cfg: ${cfg}, overides: {}}]`, /did you mean overrides\?/],
  [`runs: [{name: a, cfg: ${cfg}, overrides: {sed: 1}}]`, /did you mean seed\?/],
] as const) {
  test(`a list with ${text} is refused before anything starts`, () => {
    assert.throws(
      () => plan(list(text)),
      (error) => error instanceof ConfigInvalidError && message.test(error.message),
    );
  });
}

test("the problems of all runs are told at once", () => {
  const entry = (name: string, key: string) =>
    `{name: ${name}, cfg: ${cfg}, overrides: {${key}: 1}}`;
  const text = `runs: [${entry("a", "sed")}, ${entry("b", "trainr")}, {name: c, cfg: ${cfg}}]`;
  const message =
    /2 problems in list\n.*list\.yaml:3:\d+: run a: sed .*seed\?\n.*: run b: trainr .*trainer\?/s;
  assert.throws(() => plan(list(text)), message);
});

test("an entry that is wrong by itself is told with its run and line, and hides no other", () => {
  const folder = list(`sead: 1
runs:
  - {name: a, cfg: ${cfg}, overides: {}}
  - {name: b, cfg: experiments/nuclei_maee}
  - {name: c, cfg: ${cfg}, overrides: {seed: x}}
  - {name: d, cfg: ${cfg}, overrides: {seed: x}}
  - {name: e, cfg: ${cfg}, defaults_overrides: [{optimizerss: adamw}]}
  - {name: f, cfg: ${cfg}, defaults_overrides: [{optimizers: adamww}]}
  - {name: g, cfg: ${cfg}, defaults_overrides: [{optimizers: schedulers}], overrides: {seed: "\${no}"}}
`);
  for (const message of [
    /8 problems in list/,
    /list\.yaml:3:1: sead is not a key/,
    /list\.yaml:5:\d+: run a: runs\.0\.overides is not a key .*overrides\?/,
    /list\.yaml:6:20: run b: no config experiments\/nuclei_maee/,
    /list\.yaml:7:\d+: run c: seed expected/,
    /list\.yaml:8:\d+: run d: seed expected/,
    /list\.yaml:9:\d+: run e: there is no group optimizerss; did you mean optimizers\?/,
    /list\.yaml:10:\d+: run f: no config optimizers\/adamww/,
    /run g: /,
  ]) {
    assert.throws(() => plan(folder), message);
  }
});

test("the same fault of several runs is told once, with their names", () => {
  const folder = folderOf({
    list: `# @package _global_\nrun_type: multi_run\nruns:\n${["a", "b", "c", "d"]
      .map((name) => `  - {name: ${name}, cfg: base}\n`)
      .join("")}`,
    base: `# @package _global_\ndefaults: [${cfg}, _self_]\nsed: 1\n`,
  });
  const message = /1 problem in list\n.*base\.yaml:3:1: runs a, b, c and 1 more: sed is not/;
  assert.throws(() => plan(folder), message);
});

test("overrides and sweeps go into what a reference stands for, as a file does", () => {
  const folder = folderOf({
    list: `# @package _global_
run_type: multi_run
runs:
  - name: a
    cfg: refers
    overrides: {optimizers: {wd: 0.5}}
    sweep: [{optimizers: {lr: [0.25]}}]
`,
    refers: `# @package _global_
defaults: [${cfg}, _self_]
optimizers: \${oc.create:{name:adamw,lr:0.125,wd:0.125,eps:1e-5}}
`,
  });
  const [run] = several(folder).runs;
  const { name, lr, wd, eps } = run?.config.optimizers ?? assert.fail();
  assert.deepEqual({ name, lr, wd, eps }, { name: "adamw", lr: 0.25, wd: 0.5, eps: 1e-5 });
});

test("tags of a run's own stay when they are a reference", () => {
  const folder = folderOf({
    list: `# @package _global_
run_type: multi_run
wandb_tags: [study]
runs: [{name: a, cfg: ${cfg}, overrides: {wandb_tags: "\${oc.create:[own]}"}}]
`,
  });
  assert.deepEqual(several(folder).runs[0]?.config.wandb_tags, ["own", "study"]);
});

test("what an option says of other groups is not lost, and one that says nothing is refused", () => {
  const folder = folderOf({
    list: `# @package _global_
run_type: multi_run
runs: [{name: a, cfg: ${cfg}, defaults_overrides: [{optimizers: wide}]}]
`,
    "optimizers/wide": "# @package _global_\noptimizers: {name: adamw, wd: 0.5}\nseed: 7\n",
    other: `# @package _global_
run_type: multi_run
runs: [{name: a, cfg: ${cfg}, defaults_overrides: [{optimizers: none}]}]
`,
    "optimizers/none": "# @package _global_\nseed: 7\n",
  });
  const { config } = several(folder).runs[0] ?? assert.fail();
  assert.deepEqual([config.optimizers.wd, config.seed], [0.5, 7]);
  const message = /run a: optimizers\/none says nothing of optimizers, and is about seed/;
  assert.throws(() => plan(folder, { configName: "other" }), message);
});

test("a list says fail_fast and run_type by reference, too", () => {
  const folder = folderOf({
    list: `# @package _global_
run_type: \${oc.env:NONE,multi_run}
fail_fast: \${oc.decode:'true'}
runs: [{name: a, cfg: ${cfg}}]
`,
  });
  assert.equal(several(folder).isFailFast, true);
});

test("in the file of a run stands what only the list knows: choices, numbers and the time", () => {
  const tags = '["${hydra:runtime.choices.optimizers}", "n${hydra:job.num}", "${now:%Y}"]';
  const entry = (name: string) => `{name: ${name}, cfg: ${cfg}, overrides: {wandb_tags: ${tags}}}`;
  const { runs } = several(list(`runs: [${entry("a")}, ${entry("b")}]`), {
    now: new Date(2020, 1, 1),
  });
  const planned = runs.map(({ config }) => config.wandb_tags);
  assert.deepEqual(
    planned.map((tags) => tags?.slice(1)),
    [
      ["n0", "2020"],
      ["n1", "2020"],
    ],
  );
  for (const [i, { file }] of runs.entries()) {
    const again = plan(folderOf({ x: file?.text ?? "" }), { configName: "x" });
    assert.deepEqual(again.kind === "one" && again.config.wandb_tags, planned[i]);
  }
});

test("runs of a list never share a folder: names that would be the same are told apart", () => {
  const { runs } = several(
    list(`runs:
  - {name: lr2, cfg: ${cfg}, sweep: [{wandb_project: ["a b", "a-b", c]}]}
  - {name: t, cfg: ${cfg}, sweep: [{wandb_tags: [["日本"], ["µ"]]}]}
  - {name: n, cfg: ${cfg}, sweep: [{wandb_tags: [["-1", "3"], ["1", "3"]]}]}
  - {name: lr3_sweep_seed_1, cfg: ${cfg}}
  - {name: lr3, cfg: ${cfg}, sweep: [{seed: [1, 2]}]}
`),
  );
  const names = runs.map(({ name }) => name.replace(/-[0-9a-f]{8}$/, "-HASH"));
  assert.deepEqual(names.slice(0, 3), [
    "lr2_sweep_wandb_project_a-b-HASH",
    "lr2_sweep_wandb_project_a-b-HASH",
    "lr2_sweep_wandb_project_c",
  ]);
  assert.deepEqual(names.slice(-3), [
    "lr3_sweep_seed_1",
    "lr3_sweep_seed_1-HASH",
    "lr3_sweep_seed_2",
  ]);
  assert.equal(new Set(runs.map(({ outdir }) => outdir)).size, runs.length);
  assert.equal(new Set(runs.map(({ file }) => file?.path)).size, runs.length);
});

for (const [what, text, message] of [
  ["twice the same run", "sweep: [{seed: [1, 1]}]", /paths\.outdir is .* in two runs, .* and /],
  [
    "one folder of logs",
    "overrides: {loggers: {logdir: /logs}}, sweep: [{seed: [1, 2]}]",
    /loggers\.logdir is \/logs in two runs/,
  ],
  [
    "one folder of predictions",
    "overrides: {inference: {save_dir: /x}}, sweep: [{seed: [1, 2]}]",
    /inference\.save_dir is \/x in two runs/,
  ],
  [
    "a value beside the list of a sweep",
    "sweep: [{optimizers: {lr: [1e-3, 2e-3]}, seed: 3}]",
    /needs exactly one list of values, and has 1, and beside it seed/,
  ],
] as const) {
  test(`a list with ${what} is refused`, () => {
    assert.throws(() => plan(list(`runs: [{name: a, cfg: ${cfg}, ${text}}]`)), message);
  });
}

const sweep = (...overrides: string[]) =>
  several(root, { configName: cfg, isSweep: true, overrides });

test("runs of -m never share a folder", () => {
  const { runs } = sweep("wandb_project='a b','a-b',c");
  assert.equal(new Set(runs.map(({ outdir }) => outdir)).size, 3);
  assert.match(runs[0]?.outdir ?? "", /_sweep_wandb_project_a-b-[0-9a-f]{8}$/);
  assert.match(runs[2]?.outdir ?? "", /_sweep_wandb_project_c$/);
  assert.throws(() => sweep("seed=1,1"), /paths\.outdir is .* in two runs/);
  assert.throws(() => sweep("optimizers.lr=1e-3,1.0e-3"), /paths\.outdir is .* in two runs/);
  const logs = () => sweep("paths.outdir=x,y", "loggers.logdir=z");
  assert.throws(logs, /loggers\.logdir is z in two runs/);
});

test("-m takes the option that was named last, and refuses a sweep of nothing", () => {
  const { runs } = sweep("optimizers=lamb", "optimizers=adamw", "seed=1,2");
  assert.deepEqual(
    runs.map(({ config }) => config.optimizers.name),
    ["adamw", "adamw"],
  );
  assert.throws(() => sweep("optimizers=glob(zzz*)"), /has no value, so there is no run/);
});

test("-m says what ${hydra:job.num} is, to each run that begins alone, too", () => {
  const { runs } = sweep("seed=4,5", "paths.outdir=out/${hydra:job.num}");
  assert.deepEqual(
    runs.map(({ outdir }) => outdir),
    ["out/0", "out/1"],
  );
  const again = runs.map(({ args }) => {
    const overrides = args.filter((arg) => !arg.startsWith("--"));
    const job = plan(root, { configName: cfg, overrides });
    return job.kind === "one" ? job.config.paths.outdir : assert.fail();
  });
  assert.deepEqual(again, ["out/0", "out/1"]);
});

test("-m fixes the time: all runs have the command's, and begin in the folders that were planned", () => {
  const { runs } = sweep("seed=4,5", "paths.outdir=out/${now:%f}");
  assert.deepEqual(
    runs.map(({ outdir }) => outdir.replace(/^out\/\d+\//, "")),
    ["nuclei_mae_sweep_seed_4", "nuclei_mae_sweep_seed_5"],
  );
  for (const { args, outdir } of runs) assert.equal(args.at(-1), `++paths.outdir='${outdir}'`);
});

test("-m tells what is wrong with each run, though it is the same key", () => {
  const act = () => sweep("trainer.epochs=-1,-2,3");
  assert.throws(act, /2 problems in 2 of the 3 runs.*trainer\.epochs=-1: .*trainer\.epochs=-2: /s);
});

test("-m gives each combination a name and a folder, when the overrides do not", () => {
  const { runs } = several(root, {
    configName: cfg,
    isSweep: true,
    overrides: ["optimizers.lr=1e-3,5e-4", "trainer.epochs=2", "models/meta_arch/mae=nano,tiny"],
  });
  assert.deepEqual(
    runs.map(({ outdir }) => outdir.replace("runs/nuclei_mae_sweep_", "")),
    [
      "lr_0p001_sweep_mae_nano",
      "lr_0p001_sweep_mae_tiny",
      "lr_0p0005_sweep_mae_nano",
      "lr_0p0005_sweep_mae_tiny",
    ],
  );
});

test("-m leaves names alone that differ, and puts runs apart whose folder has no name in it", () => {
  const named = several(root, {
    configName: cfg,
    isSweep: true,
    overrides: ["experiment_name=a,b"],
  });
  assert.deepEqual(
    named.runs.map(({ outdir }) => outdir),
    ["runs/a", "runs/b"],
  );
  const fixed = several(root, {
    configName: cfg,
    isSweep: true,
    overrides: ["seed=1,2", "paths.outdir='out/it\\'s'"],
  });
  assert.deepEqual(
    fixed.runs.map(({ outdir }) => outdir),
    ["out/it's/nuclei_mae_sweep_seed_1", "out/it's/nuclei_mae_sweep_seed_2"],
  );
});

test("-m of a list of runs is refused with a sentence", () => {
  const folder = list(`runs: [{name: a, cfg: ${cfg}}]`);
  assert.throws(
    () => plan(folder, { isSweep: true }),
    (error) =>
      error instanceof ConfigOverrideError && /is a list of runs already/.test(error.message),
  );
});

test("no value of a secret is in the file of a run, and what is in it is the run", (t) => {
  const secrets = { WANDB_API_KEY: "canary-1", PGPASSWORD: "seed", DB_PASS: "2024" };
  Object.assign(process.env, secrets);
  t.after(() => {
    for (const name of Object.keys(secrets)) delete process.env[name];
  });
  const folder = list(
    `runs: [{name: a, cfg: ${cfg}, overrides: {seed: 2024, wandb_project: "\${oc.env:WANDB_API_KEY}",
      wandb_tags: [seed, b]}}]`,
  );
  const [run] = several(folder, { env: secrets }).runs;
  assert.equal(run?.config.wandb_project, "canary-1");
  const text = run?.file?.text ?? "";
  assert.doesNotMatch(text, /canary/);
  const again = plan(folderOf({ a: text }), { configName: "a", env: secrets });
  assert.deepEqual(again.kind === "one" && again.config, run?.config);
});

test("a task that a group names is the run's task, or the config is wrong", () => {
  const overrides = ["+tasks=upsample_space"];
  const message = /tasks\.task must agree with task, which is "pretrain"/;
  assert.throws(() => plan(root, { configName: cfg, overrides }), message);
});
