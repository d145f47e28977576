import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { compose, composeTree } from "../compose.ts";
import { type JobRequest, planJob } from "../compose-job.ts";
import { showSource } from "../node/source.ts";
import { SearchPath } from "../search/search-path.ts";
import { ConfigError, ConfigInvalidError } from "./errors.ts";

const root = mkdtempSync(join(tmpdir(), "faults-"));
after(() => rmSync(root, { recursive: true }));
const files: Readonly<Record<string, string>> = {
  "config.yaml": "defaults:\n  - db: mysql\n  - _self_\nseed: 1\n",
  "db/mysql.yaml": "host: localhost\nport: 3306\n",
  "gaps.yaml": "defaults:\n  - db: mysq\n  - server: big\n  - broken\n  - db@second: ???\n",
  "broken.yaml": "a: [1\n",
  "references.yaml": "a: ${b.c}\nd: {e: '${ff}', f: 1, g: '${a}'}\nb: {}\n",
};
for (const [path, text] of Object.entries(files)) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** Each problem as `place: key message`, without the folder's name. */
function problems(act: () => unknown): readonly string[] {
  try {
    act();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ key, message, source }) => {
      const place = source === null ? "" : `${showSource(source)}: `;
      return `${place}${key === "" ? "" : `${key} `}${message}`.replaceAll(`${root}/`, "");
    });
  }
  return [];
}

const any = (configName: string, ...overrides: string[]) => ({
  searchPath: new SearchPath([root], root),
  configName,
  overrides,
  env: {},
});
const job = (overrides: readonly string[], more: Partial<JobRequest> = {}) =>
  problems(() =>
    planJob({
      configName: "experiments/nuclei_mae",
      configDirs: [],
      env: {},
      isSweep: false,
      overrides,
      ...more,
    }),
  );

test("every wrong override is told, with what the schema finds in the rest", () => {
  const found = job([
    "trainer.epoch=3",
    "optimizers=adamww",
    "seed=[1",
    "optimizer=adamw",
    "evaluation.val_interval=-1",
    "+datasets.spilt=0.1",
    "~loggers.none",
    "data@sets.split=0.2",
    "models/meta_arch/mae@x=tiny",
    "checkpoint.keep_last=${trainer.epochz}",
  ]);
  const expected = [
    "override trainer.epoch=3: trainer has no key epoch; did you mean epochs?",
    /^override optimizers=adamww: no config optimizers\/adamww in .*configs; did you mean adamw\?$/,
    /^override seed=\[1: at character 8: /,
    "override optimizer=adamw: the config has no key optimizer; did you mean optimizers?",
    /^override evaluation\.val_interval=-1: evaluation\.val_interval expected a number at least 1, got -1$/,
    "override +datasets.spilt=0.1: datasets.spilt is not a key of datasets; did you mean split?",
    "override ~loggers.none: loggers has no key none",
    /^override data@sets\.split=0\.2: data is no group of the search path/,
    /^override models\/meta_arch\/mae@x=tiny: no defaults list has the group models\/meta_arch\/mae@x; did you mean /,
    "override checkpoint.keep_last=${trainer.epochz}: checkpoint.keep_last ${trainer.epochz}: there is no key epochz; did you mean epochs?",
  ];
  for (const one of expected) {
    const hits = found.filter((line) => (one instanceof RegExp ? one.test(line) : one === line));
    assert.equal(hits.length, 1, `${one} in\n${found.join("\n")}`);
  }
  assert.equal(found.length, expected.length, found.join("\n"));
});

test("of a sweep each problem is told once, those of its lines and those of its runs", () => {
  const overrides = ["seed=1,2", "trainer.epoch=3", "optimizers.lr=-1,1", "x=range(1,2,0)"];
  assert.deepEqual(job(overrides, { isSweep: true }), [
    "override trainer.epoch=3: trainer has no key epoch; did you mean epochs?",
    "override x=range(1,2,0): a range needs numbers with an end, and a step that is not 0",
    "override optimizers.lr=-1: optimizers.lr expected a number above 0, got -1",
  ]);
});

test("one problem keeps its own code, and several have the hint of each", () => {
  const refusal = (...overrides: string[]) => {
    try {
      compose(any("config", ...overrides));
    } catch (error) {
      return error;
    }
    return undefined;
  };
  const one = refusal("sead=2");
  assert.ok(one instanceof ConfigError && one.code === "CONFIG_OVERRIDE");
  const two = refusal("sead=2", "db=pg");
  assert.ok(two instanceof ConfigInvalidError);
  assert.equal(
    two.message.replaceAll(root, "ROOT"),
    [
      "2 problems in config",
      "  override db=pg: no config db/pg in ROOT",
      "    Options of db: mysql.",
      "  override sead=2: the config has no key sead; did you mean seed?",
      "    To add a key that is not there, write +sead=2.",
    ].join("\n"),
  );
});

test("all that defaults lists ask for in vain is told, with what is wrong with the command", () => {
  const expected = [
    "override x=[: at character 4: expected a value",
    "gaps.yaml:2:9: no config db/mysq in ROOT; did you mean mysql?",
    "gaps.yaml:3:13: no config server/big in ROOT",
    /^broken\.yaml:\d+:\d+: /,
    /^gaps\.yaml:5:16: db@second must be chosen/,
  ];
  for (const act of [compose, composeTree]) {
    const found = problems(() => act(any("gaps", "x=["))).map((line) =>
      line.replaceAll(root, "ROOT"),
    );
    assert.equal(found.length, expected.length, found.join("\n"));
    for (const one of expected) {
      const isTold = found.some((line) => (one instanceof RegExp ? one.test(line) : line === one));
      assert.ok(isTold, `${one} in\n${found.join("\n")}`);
    }
  }
});

test("every reference that leads nowhere is told once, with the key whose value it is", () => {
  assert.deepEqual(
    problems(() => compose(any("references"))),
    [
      "references.yaml:1:4: a ${b.c}: there is no key c",
      "references.yaml:2:8: d.e ${ff}: there is no key ff",
    ],
  );
});

test("several variables that are not there have their advice once, below the last", () => {
  const overrides = ["seed=${oc.env:CELLO_A}", "experiment_name=${oc.env:CELLO_B}"];
  const request = {
    configName: "experiments/nuclei_mae",
    configDirs: [],
    overrides,
    isSweep: false,
  };
  assert.throws(
    () => planJob({ ...request, env: {} }),
    /CELLO_[AB], nor has a \.env file.*\n.*CELLO_[AB], nor has .*\n {4}Put it into \.env \(cp /,
  );
});

/** The message and the hint of the one thing that is wrong. */
function refusalOf(overrides: readonly string[], configName = "experiments/nuclei_mae"): string {
  try {
    planJob({ configName, configDirs: [], overrides, env: {}, isSweep: false });
  } catch (error) {
    if (error instanceof ConfigError) return `${error.message}\n${error.hint}`;
    throw error;
  }
  return "accepted";
}

for (const [what, said, message] of [
  [
    "a config whose folder is forgotten",
    refusalOf([], "nuclei_mea"),
    /^no config nuclei_mea in .*; did you mean experiments\/nuclei_mae\?\nThere are \w+, experiments\//,
  ],
  [
    "a group that is added though a list has it",
    refusalOf(["+optimizers=lamb"]),
    /optimizers is in a defaults list already, as adamw_mae at .*nuclei_mae\.yaml:\d+:\d+\n.* write optimizers=lamb\.$/,
  ],
  [
    "a key that is taken away and is not there",
    refusalOf(["~foo"]),
    /the config has no key foo\nLeave the override out, or correct its key\.$/,
  ],
  [
    "a reference without its end",
    refusalOf(["seed=${now:%H"]),
    /at character 6: \$\{ needs a key, and a \} behind it/,
  ],
  [
    "a place in a list that nobody has given",
    refusalOf(["wandb_tags.0=x"]),
    /wandb_tags has no key 0\nGive the whole list: wandb_tags=\[\.\.\.\]\.$/,
  ],
  [
    "a misspelt key of a group that no file has",
    refusalOf(["profiling.enabel=true"]),
    /profiling has no key enabel; did you mean enable\?/,
  ],
  [
    "a group that only has groups",
    refusalOf(["models=mae"]),
    /no defaults list has the group models; did you mean models\/meta_arch\/mae\?/,
  ],
  ["an option without a name", refusalOf(["trainer="]), /trainer=: expected an option by its name/],
] as const) {
  test(`${what} is refused, and the way out is said`, () => assert.match(said, message));
}
