import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ConfigOverrideError } from "../faults/errors.ts";
import { Faults } from "../faults/faults.ts";
import { elementText } from "./element-text.ts";
import { expandSweepLines } from "./expand-sweeps.ts";
import { parseOverride, parseOverrideLine } from "./parse-override.ts";
import { parseValue } from "./parse-value.ts";

const options = { options: () => ["large", "small"], random: () => 0.5 };

function expand(...overrides: string[]) {
  const faults = new Faults();
  return faults.finish("config", () => expandSweepLines(overrides, { ...options, faults }));
}

test("every combination is a run, and the last key turns fastest", () => {
  assert.deepEqual(expand("a=1,2", "b=x,y"), [
    ["a=1", "b=x"],
    ["a=1", "b=y"],
    ["a=2", "b=x"],
    ["a=2", "b=y"],
  ]);
});

test("keys of hydra are the same in every run, and come first", () => {
  assert.deepEqual(expand("a=1,2", "hydra.run.dir=x"), [
    ["hydra.run.dir=x", "a=1"],
    ["hydra.run.dir=x", "a=2"],
  ]);
});

test("a glob is the options of its group", () => {
  assert.deepEqual(expand("model=glob(*,exclude=s*)"), [["model=large"]]);
});

test("a range of floats has the values of Python's decimals", () => {
  const values = expand("a=range(0,0.5,0.1)").map(([line]) => line);
  assert.deepEqual(values, ["a=0.0", "a=0.1", "a=0.2", "a=0.3", "a=0.4"]);
});

test("a shuffle keeps every value, and the draw decides the order", () => {
  const draws = [0, 0.9, 0.4];
  const random = () => draws.pop() ?? 0;
  const faults = new Faults();
  const runs = expandSweepLines(["a=shuffle(1,2,3,4)"], { ...options, random, faults });
  const lines = runs.map(([line]) => line);
  assert.notDeepEqual(lines, ["a=1", "a=2", "a=3", "a=4"]);
  assert.deepEqual(lines.toSorted(), ["a=1", "a=2", "a=3", "a=4"]);
});

for (const [line, message] of [
  ["a=interval(0,1)", /interval\(\) has no values/],
  ["hydra.run.dir=x,y", /a sweep over the keys of hydra/],
  ["a=range(0,1000001)", /more than 10000 values/],
  ["a=range(0,1,0)", /step that is not 0/],
] as const) {
  test(`${line} is refused, and names the line`, () => {
    assert.throws(
      () => expand(line),
      (error) => {
        assert.ok(error instanceof ConfigOverrideError);
        assert.match(error.message, message);
        assert.ok(error.message.startsWith(`override ${line}: `));
        return true;
      },
    );
  });
}

test("a million runs are refused before they are made", () => {
  const act = () => expand("a=range(0,1000)", "b=range(0,1000)");
  assert.throws(act, /1000000 runs are more than 10000/);
});

test("a sweep given to one run is refused with the way to run it", () => {
  assert.throws(
    () => parseOverride("a=1,2", Math.random),
    (error) => error instanceof ConfigOverrideError && /-m/.test(error.hint),
  );
});

test("what a run is given reads back as the same value", () => {
  const scalar = fc.oneof(
    fc.string().map((value) => ({ kind: "scalar", value, quote: "'" }) as const),
    fc
      .stringMatching(/^[a-z][a-z ,:=()[\]{}\\]*[a-z]$/)
      .map((value) => ({ kind: "scalar", value }) as const),
    fc.integer().map((value) => ({ kind: "scalar", value }) as const),
    fc.boolean().map((value) => ({ kind: "scalar", value }) as const),
  );
  const reserved = /^(?:true|false|null|nan|inf)$/i;
  fc.assert(
    fc.property(fc.array(scalar, { minLength: 1, maxLength: 3 }), (items) => {
      fc.pre(items.every(({ value }) => !reserved.test(String(value))));
      const list = { kind: "list", items } as const;
      assert.deepEqual(parseValue(elementText(list), Math.random), list);
    }),
    { numRuns: 500 },
  );
});

test("any text is an override or refused by name, and never anything else", () => {
  const letters = fc.string({
    unit: fc.constantFrom(..."ax01.=+~@/$ {}[](),:'\"\\\t-_".split("")),
    maxLength: 30,
  });
  fc.assert(
    fc.property(letters, (text) => {
      try {
        parseOverrideLine(text, Math.random);
      } catch (error) {
        assert.ok(error instanceof ConfigOverrideError, String(error));
      }
    }),
    { numRuns: 3000 },
  );
});
