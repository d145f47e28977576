import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type Dtype, Tensor } from "./index.ts";

// What PyTorch answers to the same calls: tools/reference/make_engine_fixtures.py.
interface Packed {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly data: readonly (number | string | boolean)[];
}
interface Case {
  readonly method: string;
  readonly on: string;
  readonly args: readonly unknown[];
  readonly results: readonly Packed[];
}
const file = new URL("../test/fixtures/tensor-methods.json", import.meta.url);
const { tensors, cases } = JSON.parse(readFileSync(file, "utf8")) as {
  readonly tensors: Readonly<Record<string, Packed>>;
  readonly cases: readonly Case[];
};

const unpacked = ({ dtype, shape, data }: Packed): Tensor =>
  Tensor.from(data.map(Number), { dtype, shape });

function argument(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(argument);
  if ("$" in value) return named(String(value.$));
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, argument(part)]));
}

function named(name: string): Tensor {
  const found = tensors[name];
  if (found === undefined) throw new Error(`the fixture has no tensor ${name}`);
  return unpacked(found);
}

function flattened(result: unknown): Tensor[] {
  if (result instanceof Tensor) return [result];
  return Object.values(result as Readonly<Record<string, Tensor>>);
}

/** Fails with the worst element, both values and the tolerance. */
function assertNear(actual: Tensor, expected: Packed): void {
  assert.deepEqual(actual.shape, expected.shape);
  assert.equal(actual.dtype, expected.dtype);
  const got = [...actual.data()].map(Number);
  for (const [i, raw] of expected.data.entries()) {
    const [a, b] = [got[i] ?? Number.NaN, Number(raw)];
    const near = Object.is(a, b) || a === b || Math.abs(a - b) <= 1e-6 + 1e-5 * Math.abs(b);
    assert.ok(near, `element ${i}: expected ${b} within 1e-6 + 1e-5 relative, got ${a}`);
  }
}

for (const [i, { method, on, args, results }] of cases.entries()) {
  test(`${method} of ${on} with ${JSON.stringify(args)} is PyTorch's (case ${i})`, () => {
    const self = named(on) as unknown as Readonly<Record<string, (...a: unknown[]) => unknown>>;
    const actual = flattened(self[method]?.(...args.map(argument)));
    assert.equal(actual.length, results.length);
    for (const [k, expected] of results.entries()) {
      const result = actual[k];
      assert.ok(result);
      assertNear(result, expected);
    }
  });
}

test("every method that runs an operator has a case", () => {
  const elsewhere = new Set(["constructor", "copyInto", "normal_", "uniform_", "viewAsReal"]);
  const tested = new Set(cases.map(({ method }) => method));
  const core = new Set<string>();
  const missing: string[] = [];
  let level: object = Tensor.prototype;
  const levels: object[] = [];
  while (level !== Object.prototype) {
    levels.push(level);
    level = Object.getPrototypeOf(level) as object;
  }
  const last = levels.at(-1) ?? {};
  for (const name of Object.getOwnPropertyNames(last)) core.add(name);
  for (const name of levels.flatMap((each) => Object.getOwnPropertyNames(each))) {
    if (core.has(name) || elsewhere.has(name) || tested.has(name)) continue;
    if (name === "itself" || name === "wrap") continue;
    missing.push(name);
  }
  assert.deepEqual(missing, []);
});
