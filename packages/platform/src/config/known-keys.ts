import { z } from "zod";

/** One key that a config may have. */
export interface KnownKey {
  /** "trainer.epochs" */
  readonly path: string;
  readonly description: string;
}

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly description?: string;
}

/** Every key of a schema, groups included, in the order of the schema; worked out once. */
export function knownKeys(schema: z.ZodType): readonly KnownKey[] {
  const known = worked.get(schema);
  if (known) return known;
  const json = z.toJSONSchema(schema, { io: "input", unrepresentable: "any", reused: "inline" });
  const keys = [...keysOf(json as JsonSchema, "")];
  worked.set(schema, keys);
  return keys;
}

const worked = new WeakMap<z.ZodType, readonly KnownKey[]>();

function* keysOf(schema: JsonSchema, prefix: string): Generator<KnownKey> {
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const path = prefix + name;
    yield { path, description: property.description ?? "" };
    yield* keysOf(property, `${path}.`);
  }
  for (const option of [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) {
    yield* keysOf(option, prefix);
  }
}
