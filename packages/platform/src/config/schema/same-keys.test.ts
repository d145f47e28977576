import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { sameKeys } from "./same-keys.ts";

interface JsonSchema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly default?: unknown;
}

/** Written from the schemas; a test of its own holds it to them. */
const schemaFile = join(import.meta.dirname, "../../../../../configs/schema.json");
const root: JsonSchema = JSON.parse(readFileSync(schemaFile, "utf8"));

for (const { to, otherwise } of sameKeys) {
  test(`${to}: the value that counts as not given is the schema's default`, () => {
    const defaults = schemasAt(to).flatMap((found) => ("default" in found ? [found.default] : []));
    assert.deepEqual(
      [...new Set(defaults.map((value) => JSON.stringify(value)))],
      [JSON.stringify(otherwise)],
    );
  });
}

function schemasAt(path: string): readonly JsonSchema[] {
  return path
    .split(".")
    .reduce(
      (found, key) => found.flatMap(({ properties }) => alternatives(properties?.[key])),
      alternatives(root),
    );
}

/** The schema, and what it refers to or is a choice of. */
function alternatives(schema: JsonSchema | undefined): readonly JsonSchema[] {
  if (schema === undefined) return [];
  const { $ref, anyOf = [], oneOf = [], allOf = [] } = schema;
  const target = $ref
    ?.split("/")
    .slice(1)
    .reduce<unknown>((at, key) => (at as Readonly<Record<string, unknown>>)[key], root);
  const inner = [...anyOf, ...oneOf, ...allOf].flatMap(alternatives);
  return [schema, ...inner, ...alternatives(target as JsonSchema | undefined)];
}
