import type { z } from "zod";
import { anyKey, bare, childrenOf, schemaAt } from "../schema/schema-tree.ts";

/** One key that a config may have. */
export interface KnownKey {
  /** "trainer.epochs" */
  readonly path: string;
  readonly description: string;
}

/**
 * Every key of a schema, groups included, in the order of the schema; worked out once. Items of lists
 * have no keys of their own here: what may stand in them is for `keysAt`.
 */
export function knownKeys(schema: z.ZodType): readonly KnownKey[] {
  const known = worked.get(schema);
  if (known) return known;
  const keys = [...keysOf(schema, "")];
  worked.set(schema, keys);
  return keys;
}

const worked = new WeakMap<z.ZodType, readonly KnownKey[]>();

function* keysOf(schema: z.core.$ZodType, prefix: string): Generator<KnownKey> {
  for (const [name, child] of childrenOf(schema)) {
    if (name === anyKey) continue;
    const path = prefix + name;
    yield { path, description: bare(child).meta?.description ?? "" };
    yield* keysOf(child, `${path}.`);
  }
}

/** The keys that may stand in the mapping at a path, list places included: hooks.hooks_list.0. */
export function keysAt(schema: z.ZodType, path: readonly string[]): readonly string[] {
  const owner = schemaAt(schema, path);
  return owner ? [...childrenOf(owner).keys()].filter((key) => key !== anyKey) : [];
}

/** The names that may stand at a path, true and false among them; none where any text or number may. */
export function choicesAt(schema: z.ZodType, path: readonly string[]): readonly string[] {
  const found = schemaAt(schema, path);
  if (found === undefined) return [];
  const { schema: plain, isNullable } = bare(found);
  const { def } = plain._zod;
  const names =
    def.type === "boolean"
      ? ["false", "true"]
      : def.type === "enum"
        ? Object.values(def.entries)
        : [];
  return names.length > 0 && isNullable ? [...names.map(String), "null"] : names.map(String);
}
