import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { CellError } from "../errors/index.ts";
import { compose } from "./compose.ts";
import { toPlain } from "./node.ts";
import { SearchPath } from "./search-path.ts";
import { readPlainScalar } from "./yaml-scalar.ts";

/** What Hydra 1.3.8 made of the same files: tools/reference/make_config_fixtures.py. */
interface Fixture {
  readonly env: Readonly<Record<string, string>>;
  readonly trees: readonly Readonly<Record<string, string>>[];
  readonly cases: readonly {
    readonly title: string;
    readonly tree: number;
    readonly name: string;
    readonly overrides: readonly string[];
    readonly config?: unknown;
    readonly refused?: string;
  }[];
  readonly scalars: readonly { readonly text: string; readonly value: unknown }[];
}

const fixture = JSON.parse(
  readFileSync(join(import.meta.dirname, "fixtures/hydra.json"), "utf8"),
) as Fixture;

const root = mkdtempSync(join(tmpdir(), "hydra-"));
after(() => rmSync(root, { recursive: true }));
for (const [i, files] of fixture.trees.entries()) {
  for (const [path, text] of Object.entries(files)) {
    const target = join(root, String(i), path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
}

for (const { title, tree, name, overrides, config, refused } of fixture.cases) {
  test(`${title}: ${refused ? "refused" : "composed"} as by Hydra`, () => {
    const searchPath = new SearchPath([join(root, String(tree))]);
    const act = () =>
      toPlain(compose({ searchPath, configName: name, overrides, env: fixture.env }).resolved);
    if (refused === undefined) assert.deepEqual(withFloats(act()), config);
    else
      assert.throws(act, (error) => error instanceof CellError && error.code.startsWith("CONFIG"));
  });
}

for (const { text, value } of fixture.scalars) {
  if (text === "''") continue;
  test(`the plain scalar ${text} is read as PyYAML reads it`, () => {
    assert.deepEqual(withFloats(meaningOf(text)), withFloats(value));
  });
}

function meaningOf(text: string): unknown {
  const read = readPlainScalar(text);
  return "value" in read ? read.value : read;
}

/** Infinities as the fixture has them; -0 is 0 in Python's comparison too. */
function withFloats(value: unknown): unknown {
  if (typeof value === "number") {
    if (Number.isNaN(value)) return { float: "nan" };
    if (!Number.isFinite(value)) return { float: value < 0 ? "-inf" : "inf" };
    return value === 0 ? 0 : value;
  }
  if (Array.isArray(value)) return value.map(withFloats);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, withFloats(child)]));
}
