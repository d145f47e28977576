import { z } from "zod";
import type { KeyMeta } from "./key.ts";

/** A schema without its wrappers, and what the wrappers said. */
export interface BareSchema {
  readonly schema: z.core.$ZodTypes;
  readonly meta: KeyMeta | undefined;
  readonly isNullable: boolean;
  /** May be left out; it then has `default`, or is not there. */
  readonly isOptional: boolean;
  /** undefined: there is none. */
  readonly default: unknown;
}

/** Takes off `default`, `optional`, `nullable`, `readonly`, `lazy` and the like; the outermost say wins. */
export function bare(wrapped: z.core.$ZodType): BareSchema {
  let schema = wrapped as z.core.$ZodTypes;
  let [meta, isNullable, isOptional] = [metaOf(schema), false, false];
  let fallback: unknown;
  for (;;) {
    const { def } = schema._zod;
    if (def.type === "default" || def.type === "prefault") fallback ??= def.defaultValue;
    isOptional ||= ["default", "prefault", "optional"].includes(def.type);
    isNullable ||= def.type === "nullable";
    const inner = innerOf(def);
    if (inner === undefined) return { schema, meta, isNullable, isOptional, default: fallback };
    schema = inner as z.core.$ZodTypes;
    meta ??= metaOf(schema);
  }
}

const metaOf = (schema: z.core.$ZodType) => z.globalRegistry.get(schema) as KeyMeta | undefined;

function innerOf(def: z.core.$ZodTypes["_zod"]["def"]): z.core.$ZodType | undefined {
  switch (def.type) {
    case "default":
    case "prefault":
    case "optional":
    case "nullable":
    case "readonly":
      return def.innerType;
    case "lazy":
      return def.getter();
    case "pipe":
      return def.in;
    default:
      return undefined;
  }
}

/** Stands for any place of a list, and for any key of a mapping whose keys are the user's. */
export const anyKey = "*";

/** What may stand below a schema: keys of a mapping, {@link anyKey} for items, of a union all. */
export function childrenOf(wrapped: z.core.$ZodType): ReadonlyMap<string, z.core.$ZodType> {
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
export function schemaAt(
  root: z.core.$ZodType,
  path: readonly string[],
): z.core.$ZodType | undefined {
  return path.reduce<z.core.$ZodType | undefined>((schema, key) => {
    const children = schema && childrenOf(schema);
    return children?.get(key) ?? children?.get(anyKey);
  }, root);
}
