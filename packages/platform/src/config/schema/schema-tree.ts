import { z } from "zod";
import type { KeyMeta } from "./key.ts";

/** Any schema, and one without wrappers. */
export type AnySchema = z.core.$ZodType;
export type PlainSchema = z.core.$ZodTypes;

/** A schema without its wrappers, and what the wrappers said. */
export interface BareSchema {
  readonly schema: PlainSchema;
  readonly meta: KeyMeta | undefined;
  readonly isNullable: boolean;
  /** May be left out; it then has `default`, or is not there. */
  readonly isOptional: boolean;
  /** undefined: there is none. */
  readonly default: unknown;
}

/** Takes off `default`, `optional`, `nullable`, `readonly`, `lazy` and the like; the outermost say wins. */
export function bare(wrapped: AnySchema): BareSchema {
  let schema = wrapped as PlainSchema;
  let [meta, isNullable, isOptional] = [metaOf(schema), false, false];
  let fallback: unknown;
  for (;;) {
    const { def } = schema._zod;
    if (def.type === "default" || def.type === "prefault") fallback ??= def.defaultValue;
    isOptional ||= ["default", "prefault", "optional"].includes(def.type);
    isNullable ||= def.type === "nullable";
    const inner = innerOf(schema);
    if (inner === undefined) return { schema, meta, isNullable, isOptional, default: fallback };
    schema = inner as PlainSchema;
    meta ??= metaOf(schema);
  }
}

const metaOf = (schema: AnySchema) => z.globalRegistry.get(schema) as KeyMeta | undefined;

function innerOf(schema: PlainSchema): AnySchema | undefined {
  const { def } = schema._zod;
  switch (def.type) {
    case "default":
    case "prefault":
    case "optional":
    case "nullable":
    case "readonly":
      return def.innerType;
    case "lazy":
      return (schema as z.core.$ZodLazy)._zod.innerType; // built once, unlike def.getter()
    case "pipe":
      return def.in;
    default:
      return undefined;
  }
}

/** Stands for any place of a list, and for any key of a mapping whose keys are the user's. */
export const anyKey = "*";

/** What may stand below a schema: keys of a mapping, {@link anyKey} for items, of a union all. */
export function childrenOf(wrapped: AnySchema): ReadonlyMap<string, AnySchema> {
  const { def } = bare(wrapped).schema._zod;
  switch (def.type) {
    case "object":
      return new Map(Object.entries(def.shape));
    case "array":
      return new Map([[anyKey, def.element]]);
    case "record":
      return new Map([[anyKey, def.valueType]]);
    case "union":
      return new Map(def.options.flatMap((option) => [...childrenOf(option)]).reverse());
    default:
      return new Map();
  }
}

/** The schema at a path of a config, such as ["hooks", "hooks_list", "0", "name"]. */
export function schemaAt(root: AnySchema, path: readonly string[]): AnySchema | undefined {
  return path.reduce<AnySchema | undefined>((schema, key) => {
    const children = schema && childrenOf(schema);
    return children?.get(key) ?? children?.get(anyKey);
  }, root);
}

/** zod's own words for a plain value, without what only says that whole numbers are exact. */
export function jsonOf(schema: AnySchema): Readonly<Record<string, unknown>> {
  const options = { io: "input", target: "draft-7", unrepresentable: "any" } as const;
  const { $schema: _, description: __, unit: ___, ...json } = z.toJSONSchema(schema, options);
  const isExactness = ([key, bound]: readonly [string, unknown]) =>
    ["minimum", "maximum"].includes(key) && Math.abs(Number(bound)) === Number.MAX_SAFE_INTEGER;
  return Object.fromEntries(Object.entries(json).filter((entry) => !isExactness(entry)));
}
