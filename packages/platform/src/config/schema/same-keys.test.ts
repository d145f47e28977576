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
  readonly items?: JsonSchema;
}

/** Written from the schemas; a test of its own holds it to them. */
const schemaFile = join(import.meta.dirname, "../../../../../configs/schema.json");
const root: JsonSchema = JSON.parse(readFileSync(schemaFile, "utf8"));

for (const { from, to } of sameKeys) {
  test(`${from} and ${to} are keys of the schema`, () => {
    for (const path of [from, to]) assert.notDeepEqual(schemasAt(path), [], path);
  });
}

function schemasAt(path: string): readonly JsonSchema[] {
  return path
    .split(".")
    .reduce(
      (found, key) =>
        found.flatMap(({ properties, items }) =>
          alternatives(key === "0" ? items : properties?.[key]),
        ),
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
