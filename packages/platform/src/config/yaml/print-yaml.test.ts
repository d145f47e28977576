import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type MapNode, type Node, type Plain, toPlain } from "../node/node.ts";
import { printYaml } from "./print-yaml.ts";
import { parseConfigFile } from "./yaml-file.ts";

const source = { kind: "override", text: "x" } as const;

function node(value: Plain): Node {
  if (typeof value !== "object" || value === null) return { kind: "scalar", value, source };
  if (Array.isArray(value)) return { kind: "list", items: value.map(node), source };
  return map(value as { readonly [key: string]: Plain });
}

function map(value: { readonly [key: string]: Plain }): MapNode {
  const entries = Object.entries(value).map(
    ([key, child]) => [key, { keySource: source, node: node(child) }] as const,
  );
  return { kind: "map", entries: new Map(entries), source };
}

test("what is printed reads back to the same values", () => {
  const scalar = fc.oneof(
    fc.string(),
    fc.constantFrom("no", "010", "1e3", "~", "a: b", "${a.b}", "- x", "#", "1:30", ".5", ""),
    fc.constantFrom("x\u2028y", "\u2029", "\u0085", "a\u007fb", "\u009f", "\ufeff", "=", "<<"),
    fc.integer(),
    fc.double({ noNaN: true }).map((x) => (x === 0 ? 0 : x)),
    fc.boolean(),
    fc.constant(null),
  );
  const key = fc
    .stringMatching(/^[a-z_][a-z0-9_ :-]{0,6}$/)
    .filter((name) => name !== "constructor");
  const { value } = fc.letrec<{ value: Plain }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      scalar,
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(key, tie("value"), { maxKeys: 4, noNullPrototype: true }),
    ),
  }));
  fc.assert(
    fc.property(fc.dictionary(key, value, { maxKeys: 5, noNullPrototype: true }), (config) => {
      const read = parseConfigFile(printYaml(map(config)), "x.yaml").node;
      assert.deepEqual(read && toPlain(read), config);
    }),
    { numRuns: 300 },
  );
});

test("small numbers keep the point that PyYAML needs", () => {
  assert.equal(printYaml(map({ eps: 1e-8, lr: 5e-7 })), "eps: 1.0e-08\nlr: 5.0e-07\n");
});

test("each value carries the place that set it, on request", () => {
  const { node: read } = parseConfigFile("a: 1\nb: {c: [x, y]}\n", "f.yaml");
  assert.equal(
    read?.kind === "map" && printYaml(read, { withSources: true }),
    "a: 1  # f.yaml:1:4\nb:\n  c: [x, y]  # f.yaml:2:8\n",
  );
});

test("line breaks of Unicode are written as PyYAML reads them", () => {
  const text = "a\u0085b\u2028c";
  assert.equal(printYaml(map({ text })), 'text: "a\\u0085b\\u2028c"\n');
  const read = parseConfigFile(printYaml(map({ text })), "x.yaml").node;
  assert.deepEqual(read && toPlain(read), { text });
});
