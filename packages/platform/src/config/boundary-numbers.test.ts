import assert from "node:assert/strict";
import { test } from "node:test";
import { CellError } from "../errors/index.ts";
import { resolveAt } from "./interpolation/resolve.ts";
import { type Node, nodeAt } from "./node/node.ts";
import { parseOverride } from "./override/parse-override.ts";
import { parseConfigFile } from "./yaml/yaml-file.ts";

/** Around every power of two and ten at which some number type ends. */
const bounds = [7n, 8n, 15n, 16n, 31n, 32n, 52n, 53n, 54n, 63n, 64n, 128n]
  .map((power) => 2n ** power)
  .concat([10n ** 15n, 10n ** 16n, 10n ** 19n, 10n ** 308n, 10n ** 309n]);
const integers = bounds.flatMap((bound) =>
  [-1n, 0n, 1n].flatMap((step) => [`${bound + step}`, `-${bound + step}`]),
);
const floats = [
  ["0.1", 0.1],
  ["-0.0", -0],
  ["1.0e-4", 1e-4],
  ["1e-4", 1e-4],
  ["5e-324", 5e-324],
  ["1.7976931348623157e308", Number.MAX_VALUE],
  ["2.2250738585072014e-308", 2.2250738585072014e-308],
  ["1e309", null],
  ["-1e309", null],
  ["1.8e308", null],
  ["1e-325", null],
  ["-1e-400", null],
  ["0e-400", 0],
  ["0.30000000000000004", 0.30000000000000004],
] as const;

const source = { kind: "override", text: "x" } as const;

function fromYaml(text: string): Node | undefined {
  const { node } = parseConfigFile(`a: ${text}\n`, "x.yaml");
  return node ? nodeAt(node, ["a"]) : undefined;
}

const fromOverride = (text: string) => parseOverride(`a=${text}`, Math.random).value ?? undefined;

function fromReference(text: string): Node | undefined {
  const value: Node = { kind: "scalar", value: text, source };
  const entries = new Map([["a", { keySource: source, node: value }]]);
  const context = { env: {}, now: new Date(0), hydra: null, warn: () => {} };
  return resolveAt({ kind: "map", entries, source }, ["a"], context);
}

const ways = {
  YAML: fromYaml,
  "an override": fromOverride,
  "oc.decode": (text: string) => fromReference(`\${oc.decode:'${text}'}`),
  eval: (text: string) => fromReference(`\${eval:'${text}'}`),
};

/** The number, text where it stayed text, or "refused". */
function read(way: (text: string) => Node | undefined, text: string): unknown {
  try {
    const node = way(text);
    return node?.kind === "scalar" ? node.value : undefined;
  } catch (error) {
    if (error instanceof CellError) return "refused";
    throw error;
  }
}

for (const [name, way] of Object.entries(ways)) {
  test(`whole numbers through ${name} are exact, or refused`, () => {
    for (const text of integers) {
      const found = read(way, text);
      const isExact = BigInt(text) <= 2n ** 53n - 1n && BigInt(text) >= -(2n ** 53n) + 1n;
      if (isExact) assert.equal(found, Number(text), text);
      else assert.equal(found, "refused", text);
    }
  });

  test(`floats through ${name} are the nearest double, or refused where that is 0 or infinite`, () => {
    for (const [text, value] of floats) {
      const found = read(way, text);
      if (value !== null) assert.ok(Object.is(found, value), `${text} became ${found}`);
      else assert.equal(found, "refused", text);
    }
  });

  test(`text in quotes stays text through ${name}`, () => {
    if (name === "eval" || name === "oc.decode") return;
    for (const text of ["1e-4", "9007199254740993", "nan", "1"]) {
      assert.equal(read(way, `'${text}'`), text);
    }
  });
}
