import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { z } from "zod";
import { MultiRunConfig } from "./multi-run.ts";
import { RunConfig } from "./run.ts";
import { copies, sameKeys } from "./same-keys.ts";
import { type AnySchema, bare, childrenOf, jsonOf } from "./schema-tree.ts";

interface Key {
  readonly path: string;
  readonly schema: AnySchema;
}

/** Every key once, the variants of lists included; a union inside itself is gone into once. */
function* keysOf(schema: AnySchema, path: string, seen: Set<unknown>): Generator<Key> {
  const { schema: plain } = bare(schema);
  if (seen.has(plain)) return;
  seen.add(plain);
  for (const [name, child] of childrenOf(schema)) {
    const full = path === "" ? name : `${path}.${name}`;
    if (!full.endsWith("*")) yield { path: full, schema: child };
    yield* keysOf(child, full, seen);
  }
}

const keys = [...keysOf(RunConfig, "", new Set()), ...keysOf(MultiRunConfig, "", new Set())];
const isNumber = ({ schema }: Key) => bare(schema).schema._zod.def.type === "number";
const paths = (found: readonly Key[]) => found.map(({ path }) => path);

test("every key says what it means", () => {
  assert.ok(keys.length > 700, `${keys.length} keys`);
  assert.deepEqual(paths(keys.filter(({ schema }) => !bare(schema).meta?.description)), []);
});

test("a group never says of itself that it may be left out, which zod is told beforehand", () => {
  const groups = new Set<unknown>();
  const find = (schema: AnySchema): void => {
    const { def } = schema._zod as z.core.$ZodTypes["_zod"];
    if (def.type === "lazy") groups.add(schema);
    if ("innerType" in def) find(def.innerType);
  };
  for (const { schema } of keys) find(schema);
  assert.ok(groups.size > 50, `${groups.size} groups`);
  for (const group of groups as Set<z.core.$ZodLazy>) {
    const { optin, optout } = group._zod.innerType._zod;
    assert.deepEqual([optin, optout], [undefined, undefined]);
  }
});

/** Numbers that are another key's values: what they count, that key knows. */
const isDrawn = ({ path }: Key) => path.startsWith("tune.param_space.");

test("every number has a unit, and a range", () => {
  const numbers = keys.filter(isNumber).filter((key) => !isDrawn(key));
  assert.deepEqual(paths(numbers.filter(({ schema }) => !bare(schema).meta?.unit)), []);
  const bounds = ["minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"];
  const isOpen = ({ schema }: Key) => {
    const json = jsonOf(bare(schema).schema);
    return !bounds.some((bound) => json[bound] !== undefined);
  };
  assert.deepEqual(paths(numbers.filter(isOpen)), []);
});

// Scenario R23: a value at or beyond a border is refused, or is in the config exactly as it was given.

const odd = [
  "1",
  "1e-4",
  "",
  "nan",
  true,
  null,
  [],
  {},
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  2 ** 53,
  2 ** 63,
  1e308,
  5e-324,
  -0,
  0,
  0.1,
  1.5,
  -1,
  10000,
  2 ** 40,
];

function bordersOf(schema: AnySchema): readonly number[] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = jsonOf(schema);
  return [minimum, maximum, exclusiveMinimum, exclusiveMaximum].flatMap((bound) =>
    typeof bound === "number" ? [bound - 1, bound, bound + 1, bound - 1e-9, bound + 1e-9] : [],
  );
}

test("no number is rounded, cast or cut to its range", (t) => {
  let [values, kept] = [0, 0];
  for (const { path, schema } of keys.filter(isNumber)) {
    const isNullable = bare(schema).isNullable;
    for (const value of [...odd, ...bordersOf(bare(schema).schema)]) {
      const result = (schema as z.ZodType).safeParse(value);
      values += 1;
      if (!result.success) continue;
      kept += 1;
      assert.ok(Object.is(result.data, value), `${path}: ${value} became ${result.data}`);
      assert.ok(typeof value === "number" || (value === null && isNullable), `${path}: ${value}`);
      assert.ok(value === null || Number.isFinite(value), `${path}: ${value}`);
    }
  }
  t.diagnostic(`${values} values at borders: ${kept} kept as they are, ${values - kept} refused`);
});

test("nothing but true and false is a truth value, and nothing but text is text", () => {
  for (const { path, schema } of keys) {
    const { schema: plain } = bare(schema);
    const wrong: Readonly<Record<string, readonly unknown[]>> = {
      boolean: ["true", "false", "yes", 0, 1],
      string: [0, 1.5, true, ["a"]],
    };
    for (const value of wrong[plain._zod.def.type] ?? []) {
      assert.ok(!(schema as z.ZodType).safeParse(value).success, `${path}: ${value}`);
    }
  }
});

/** What every run reads; options of what is not built, and groups for it, are refused as a whole. */
const inEachRun =
  /^(?:datasets\.(?:databases|loader)|trainer|trainer_loop|parallelism\.training|\w+$)/;
/** Refused where they are not one, whatever they are called. */
const isRefused = /^parallelism\.training\.\w+_degree$/;

test("what no code reads says so: a key of each run without effect is marked", () => {
  const src = join(import.meta.dirname, "../..");
  const files = globSync("**/*.ts", { cwd: src }).filter(
    (file) => !file.startsWith("config/schema/") && !/\.(?:test|fixture|suite)\.ts$/.test(file),
  );
  const code = files.map((file) => readFileSync(join(src, file), "utf8")).join("\n");
  const words = new Set(code.match(/\w+/g));
  const said = new Set([...sameKeys.map(({ from }) => from), ...copies.map(([copy]) => copy)]);
  const isMarked = ({ schema }: Key) =>
    /no effect here|\bas [a-z_]+\.\w+/.test(bare(schema).meta?.description ?? "");
  const silent = keys.filter((key) => {
    if (!inEachRun.test(key.path) || isRefused.test(key.path)) return false;
    const name = key.path.split(".").at(-1) ?? "";
    return (
      !words.has(name) &&
      !isMarked(key) &&
      !said.has(key.path) &&
      [...childrenOf(key.schema)].length === 0
    );
  });
  assert.deepEqual(paths(silent), []);
});
