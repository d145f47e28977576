import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { CellError } from "../errors/index.ts";
import { compose } from "./compose.ts";
import { nodeAt, toPlain } from "./node/node.ts";
import { showSource } from "./node/source.ts";
import { SearchPath } from "./search/search-path.ts";

const root = mkdtempSync(join(tmpdir(), "compose-"));
after(() => rmSync(root, { recursive: true }));

const files: Record<string, string> = {
  "config.yaml": "defaults:\n  - db: mysql\n  - _self_\nseed: 1\nname: run_${seed}\n",
  "renamed.yaml": [
    "new: {a: 1}",
    "old: ${oc.deprecated:new.a}",
    "twice: ${old}",
    "older: ${oc.deprecated:new, '$$5 says $OLD_KEY is $NEW_KEY, not $OTHER'}",
  ].join("\n"),
  "db/mysql.yaml": "host: localhost\nport: 3306\nurl: ${.host}:${.port}\n",
  "db/postgres.yaml": "host: pg\nport: 5432\n",
  "circle.yaml": "defaults:\n  - ring\n",
  "ring.yaml": "defaults:\n  - circle\n",
  "deep/config.yaml": "defaults:\n  - /db: mysq\n",
  "fan.yaml": "defaults: [fan0/a, fan0/b]\n",
  "text.yaml": Array.from(
    { length: 40 },
    (_, i) => `l${i}: "${i === 0 ? "xxxxxxxxxx" : `\${l${i - 1}}\${l${i - 1}}`}"`,
  ).join("\n"),
  "package.yaml": "defaults:\n  - db@a.__proto__: mysql\n",
  "bomb.yaml": Array.from(
    { length: 8 },
    (_, i) =>
      `l${i}: [${Array(9)
        .fill(i === 0 ? "x" : `"\${l${i - 1}}"`)
        .join(", ")}]`,
  ).join("\n"),
};
for (let i = 0; i < 20; i++) {
  for (const name of ["a", "b"]) {
    files[`fan${i}/${name}.yaml`] = `defaults: [/fan${i + 1}/a, /fan${i + 1}/b]\n`;
    files[`fan20/${name}.yaml`] = "x: 1\n";
  }
}
for (const [path, text] of Object.entries(files)) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

writeFileSync(join(root, "huge.yaml"), "");
truncateSync(join(root, "huge.yaml"), 50 * 2 ** 20); // a file with a hole: 50 MB that cost nothing

const composed = (configName: string, ...overrides: string[]) =>
  compose({ searchPath: new SearchPath([root], root), configName, overrides, env: {} });

function refusal(configName: string, ...overrides: string[]): string {
  try {
    composed(configName, ...overrides);
  } catch (error) {
    if (error instanceof CellError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "accepted";
}

test("a value's source is the file that set it last, or the override", () => {
  const { resolved } = composed("config", "db.port=1");
  const place = (...path: string[]) => {
    const node = nodeAt(resolved, path);
    return node && showSource(node.source);
  };
  assert.equal(place("seed"), "config.yaml:4:7");
  assert.equal(place("db", "host"), "db/mysql.yaml:1:7");
  assert.equal(place("db", "port"), "override db.port=1");
  assert.deepEqual(toPlain(resolved), {
    db: { host: "localhost", port: 1, url: "localhost:1" },
    seed: 1,
    name: "run_1",
  });
});

test("the config as written keeps its interpolations", () => {
  const { written } = composed("config");
  assert.equal(toPlain(nodeAt(written, ["name"]) ?? written), "run_${seed}");
});

test("a key that a schema knows may be set though no file has it", () => {
  const searchPath = new SearchPath([root], root);
  const request = { searchPath, configName: "config", overrides: ["db.user.name=x"], env: {} };
  const { resolved } = compose({ ...request, knownKeys: () => ["db.user.name"] });
  assert.equal(toPlain(nodeAt(resolved, ["db", "user", "name"]) ?? resolved), "x");
});

test("of two choices on one command line the last counts", () => {
  const { resolved } = composed("config", "db=mysql", "seed=2", "db=postgres");
  assert.equal(toPlain(nodeAt(resolved, ["db", "host"]) ?? resolved), "pg");
});

test("a folder that is searched first wins, file by file", () => {
  const mine = mkdtempSync(join(root, "mine-"));
  mkdirSync(join(mine, "db"));
  writeFileSync(join(mine, "db/mysql.yaml"), "host: mine\n");
  const { resolved } = compose({
    searchPath: new SearchPath([mine, root], root),
    configName: "config",
    overrides: [],
    env: {},
  });
  assert.deepEqual(toPlain(resolved), { db: { host: "mine" }, seed: 1, name: "run_1" });
});

for (const [what, act, message] of [
  [
    "an unknown config",
    () => refusal("confg"),
    /^CONFIG_NOT_FOUND: no config confg in .*; did you mean config\?/,
  ],
  [
    "an unknown option",
    () => refusal("config", "db=mysq"),
    /^CONFIG_NOT_FOUND: override db=mysq: no config db\/mysq in .*; did you mean mysql\?/,
  ],
  [
    "an unknown option in a file",
    () => refusal("deep/config"),
    /^CONFIG_NOT_FOUND: deep\/config\.yaml:2:10: no config db\/mysq/,
  ],
  [
    "an unknown key",
    () => refusal("config", "db.prt=1"),
    /^CONFIG_OVERRIDE: override db\.prt=1: db has no key prt; did you mean port\?/,
  ],
  [
    "an unknown group",
    () => refusal("config", "dbb@x=1"),
    /^CONFIG_OVERRIDE: override dbb@x=1: dbb is no group/,
  ],
  [
    "an override of a group that no list has",
    () => refusal("config", "db@x=mysql"),
    /^CONFIG_OVERRIDE: .*no defaults list has the group db@x; did you mean db\?/,
  ],
  [
    "adding what is there",
    () => refusal("config", "+seed=2"),
    /^CONFIG_OVERRIDE: .*seed is already there/,
  ],
  [
    "text that needs quotes",
    () => refusal("config", "seed=a#b"),
    /^CONFIG_OVERRIDE: override seed=a#b: at character 7: did not expect #/,
  ],
  [
    "a sweep",
    () => refusal("config", "seed=1,2"),
    /^CONFIG_OVERRIDE: .*several values are a sweep/,
  ],
  [
    "a prototype",
    () => refusal("config", "+db.__proto__.x=1"),
    /^CONFIG_OVERRIDE: .*__proto__ is refused/,
  ],
  [
    "a prototype in a value",
    () => refusal("config", "+db.x={__proto__: 1}"),
    /^CONFIG_OVERRIDE: .*__proto__ is refused/,
  ],
  [
    "a number that would be rounded",
    () => refusal("config", "seed=9007199254740993"),
    /^CONFIG_OVERRIDE: .*beyond 2\^53/,
  ],
  [
    "a number that is too large",
    () => refusal("config", "seed=1e309"),
    /^CONFIG_OVERRIDE: .*larger than any number/,
  ],
  [
    "a package that is a prototype",
    () => refusal("package"),
    /^CONFIG_DEFAULTS: db\/mysql\.yaml:1:1: the package a\.__proto__ is refused/,
  ],
  [
    "lists that fan out without end",
    () => refusal("fan"),
    /^CONFIG_DEFAULTS: .*more than 2000 configs/,
  ],
  [
    "text that doubles forty times",
    () => refusal("text"),
    /^CONFIG_INTERPOLATION: text\.yaml:\d+:\d+: references expand to text of/,
  ],
  [
    "a key of 5000 names",
    () => refusal("config", `+${"a.".repeat(5000)}a=1`),
    /^CONFIG_OVERRIDE: .*a key of more than 64 names/s,
  ],
  [
    "a group with a name that no folder can have",
    () => refusal("config", `${"a".repeat(5000)}=1`),
    /^CONFIG_OVERRIDE: .*the config has no key/s,
  ],
  [
    "a file of 50 MB, which is not read",
    () => refusal("huge"),
    /^CONFIG_YAML: .*huge\.yaml:1:1: a config file of 52428800 bytes/,
  ],
  ["lists in a circle", () => refusal("circle"), /^CONFIG_DEFAULTS: .*circle -> ring -> circle/],
  ["a name outside the folder", () => refusal("../../etc/passwd"), /^CONFIG_NOT_FOUND/],
  [
    "a name of a folder where there is none",
    () => refusal("deep/confg"),
    /^CONFIG_NOT_FOUND: no config deep\/confg in .*; did you mean deep\/config\?$/,
  ],
  ["an absolute name", () => refusal("/etc/passwd"), /^CONFIG_NOT_FOUND/],
  [
    "interpolations in a circle",
    () => refusal("config", "seed=${name}"),
    /goes in a circle: seed -> name -> seed\n.*goes in a circle: name -> seed -> name/,
  ],
  [
    "a circle through a key that is a number",
    () => refusal("config", "+x={1: '${x}'}"),
    /\$\{x\} goes in a circle: x\.1 -> x\.1$/,
  ],
  [
    "a circle through hydra",
    () => refusal("config", "seed=${hydra:job.name}", "hydra.job.name=${seed}"),
    /goes in a circle: seed -> hydra\.job\.name -> seed -> hydra\.job\.name/,
  ],
  [
    "a circle in hydra alone",
    () => refusal("config", "seed=${hydra:job.override_dirname}"),
    /goes in a circle: seed -> hydra\.job\.override_dirname -> hydra\.job\.override_dirname/,
  ],
  [
    "an interpolation to nothing",
    () => refusal("config", "seed=${nmae}"),
    /^CONFIG_INTERPOLATION: .*there is no key nmae; did you mean name\?/,
  ],
  [
    "an environment variable that is not set",
    () => refusal("config", "seed=${oc.env:NOPE}"),
    /^CONFIG_INTERPOLATION: .*the environment has no NOPE/,
  ],
  [
    "a resolver that there is not",
    () => refusal("config", "seed=${oc.evn:NOPE}"),
    /^CONFIG_INTERPOLATION: .*no resolver oc\.evn; did you mean oc\.env\?/,
  ],
  [
    "an interpolation bomb",
    () => refusal("bomb"),
    /^CONFIG_INTERPOLATION: bomb\.yaml:\d+:\d+: interpolations expand to more than/,
  ],
] as const) {
  test(`${what} is refused, with the place and the nearest name`, () => {
    assert.match(act(), message);
  });
}

test("after all of it no prototype has changed", () => {
  assert.equal(Reflect.get({}, "x"), undefined);
});

// The words are those of OmegaConf 2.3.1 for the same file.
test("oc.deprecated warns, once for each place, in OmegaConf's words", () => {
  const { warnings } = composed("renamed");
  const said = [...warnings].map((text) => text.replace(/^.*(?=renamed\.yaml)/, ""));
  assert.deepEqual(said, [
    "renamed.yaml:2:6: 'old' is deprecated. Change your code and config to use 'new.a'",
    "renamed.yaml:4:8: $5 says older is new, not $OTHER",
  ]);
});

test("a file of a folder that is searched may be named by its whole path", () => {
  assert.equal(
    toPlain(nodeAt(composed(join(root, "config.yaml")).resolved, ["name"]) as never),
    "run_1",
  );
});
