import assert from "node:assert/strict";
import { readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { verbs } from "../../packages/platform/src/cli/verbs.ts";
import { RepositoryCopy } from "./repository-copy.fixture.ts";

const copy = new RepositoryCopy();
process.once("exit", () => copy[Symbol.dispose]());
before(() => copy.build());

const summary = "check this machine, and say what to do about what it lacks";
const verbsFile = "packages/platform/src/cli/verbs.ts";

/** V8's code of a verb is written only by a start of what was built. */
const startsWhatIsBuilt = (verb: string): boolean => {
  for (const file of copy.builtFiles(`-${verb}.code`)) rmSync(file);
  assert.equal(copy.cello(verb, "--help").status, 0);
  return copy.builtFiles(`-${verb}.code`).length > 0;
};

test("every verb's help is the same from what is built as from the sources", () => {
  for (const { name } of verbs) {
    assert.ok(startsWhatIsBuilt(name), name);
    assert.deepEqual(copy.cello(name, "--help"), copy.celloFromSources(name, "--help"));
  }
});

test("a config, an error and what is beside the program are the same too", () => {
  for (const args of [
    ["--version"],
    ["config", "print", "--config-name=experiments/pretrain_4d_mae", "--why"],
    ["config", "print", "--config-name=experiments/nuclei_mae", "seed=[1, &a 2, *a]"],
    ["config", "print", "--config-name=experiments/nuclei_mae", "trainer.epocs=1"],
    ["explain", "CONFIG_INVALID"],
    ["complete", "--", "cello config print --config-name=exp"],
  ]) {
    assert.deepEqual(copy.cello(...args), copy.celloFromSources(...args), args.join(" "));
  }
});

test("addons, worker threads and set-up's own checks are found from what is built", () => {
  const movie = ["data", "simulate", "--shape=2,8,32,32", "--threads=2", "--seed=1"];
  const { status, stdout: said } = copy.cello(...movie, copy.path("movie.ome.zarr"));
  assert.equal(status, 0);
  assert.match(said, /movie\.ome\.zarr: \d+ cells?,/);
  assert.ok(startsWhatIsBuilt("data"));
  assert.match(copy.cello("doctor", "--json").stdout, /"name":"Zarr addon/);
});

test("a stack names the lines of the sources", () => {
  const { stderr } = copy.cello("config", "print", "--config-name=nothing", "--trace");
  const [, file = "", line, column] = /at \S+ \((\S+\.ts):(\d+):(\d+)\)/.exec(stderr) ?? [];
  assert.ok(file.startsWith(copy.path("packages/platform/src/config")), stderr);
  const source = readFileSync(file, "utf8");
  const at = source.split("\n")[Number(line) - 1]?.slice(Number(column) - 1);
  assert.match(at ?? "", /^new \w+Error\(/);
  assert.doesNotMatch(stderr, /program-/);
});

test("an edited source is run at once, without a word", () => {
  const edited = "look at this machine";
  copy.edit(verbsFile, summary, edited);
  const { status, stdout, stderr } = copy.cello("--help");
  assert.deepEqual([status, stderr], [0, ""]);
  assert.ok(stdout.includes(edited));
  copy.build();
  assert.ok(startsWhatIsBuilt("explain"));
  assert.ok(copy.cello("--help").stdout.includes(edited));
});

test("an edit that leaves a file as long as it was is seen too", () => {
  const { summary = "" } = verbs.find(({ name }) => name === "config") ?? {};
  copy.edit(verbsFile, summary, summary.toUpperCase());
  assert.ok(copy.cello("--help").stdout.includes(summary.toUpperCase()));
  copy.build();
});

test("a program that was built by other settings of the compiler is not run", () => {
  copy.edit("tsconfig.json", '"target": "ES2024"', '"target": "ES2023"');
  assert.ok(!startsWhatIsBuilt("explain"));
  copy.build();
  assert.ok(startsWhatIsBuilt("explain"));
});

for (const { what, spoil } of [
  { what: "that is gone", spoil: (path: string) => rmSync(path) },
  { what: "that was cut off", spoil: (path: string) => truncateSync(path, 1000) },
  { what: "with other bytes", spoil: (path: string) => writeFileSync(path, "\0".repeat(1000)) },
]) {
  test(`a program ${what} is not run`, () => {
    for (const path of [...copy.builtFiles(".cjs"), join(copy.built, "list.json")]) {
      spoil(path);
      assert.ok(!startsWhatIsBuilt("config"), path);
      copy.build();
      assert.ok(startsWhatIsBuilt("config"), path);
    }
  });
}

test("spoilt code is not given to V8, and is made again", () => {
  assert.ok(startsWhatIsBuilt("explain"));
  const [file = ""] = copy.builtFiles("-explain.code");
  const whole = readFileSync(file);
  for (const part of [0, 1000, whole.length / 3, whole.length / 2, whole.length - 8]) {
    const spoilt = Buffer.from(whole);
    spoilt.fill(0x5a, Math.floor(part), Math.floor(part) + 8);
    writeFileSync(file, spoilt);
    assert.equal(copy.cello("explain", "--help").status, 0, `${part}`);
    assert.notDeepEqual(readFileSync(file), spoilt, `${part}`);
  }
  truncateSync(file, 2);
  assert.equal(copy.cello("explain", "--help").status, 0);
});

test("sources that do not build are run from where they are, until they do", () => {
  copy.edit("packages/platform/src/data/index.ts", "export", "exprt");
  copy.build();
  assert.deepEqual(copy.builtFiles(".cjs"), []);
  assert.equal(copy.cello("--help").status, 0);
  copy.edit("packages/platform/src/data/index.ts", "exprt", "export");
  copy.build();
  assert.ok(startsWhatIsBuilt("config"));
});

test("a program that is taken away between two looks is run from its sources", () => {
  for (const file of copy.builtFiles(".cjs")) rmSync(file);
  const { status, stderr } = copy.cello("--version");
  assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
});
