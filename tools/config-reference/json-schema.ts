import {
  type AnySchema,
  anyKey,
  bare,
  childrenOf,
  jsonOf,
  type PlainSchema,
} from "../../packages/platform/src/config/schema/schema-tree.ts";
import { groupPaths, groupSchema, rootSchema, severalRuns } from "./groups.ts";

interface Context {
  readonly isGroup: ReadonlySet<string>;
  /** The unions that are being written: one inside itself is written no further. */
  readonly within: readonly AnySchema[];
}

/** A part of a JSON Schema, as far as it is looked at here. */
interface Json {
  readonly [key: string]: unknown;
}

const inPython = {
  type: "string",
  description: "a dotted path of the reference platform; kind or name says the same",
};
const defaultsList = {
  type: "array",
  description: "files that this one is composed from: names, group: option, _self_",
};
const reference = {
  type: "string",
  pattern: "\\$\\{|^\\?\\?\\?$",
  description: "${key}, ${resolver:...}, or ??? for a value that must be given",
};

/**
 * The JSON Schema of `configs/schema.json`, for editors: at its root what a whole config may hold, in
 * `$defs` each group. Nothing is required, since a file is one of several that are composed, and a
 * `${...}` may stand anywhere.
 */
export function jsonSchema(): Json {
  const groups = groupPaths();
  const context: Context = { isGroup: new Set(groups), within: [] };
  const definitions = groups.map((path) => {
    const schema = groupSchema(path);
    return [path, schema === undefined ? {} : object(schema, path, context)] as const;
  });
  const several = properties(severalRuns, "", context);
  const one = properties(rootSchema, "", context);
  const run_type = choice(["single_run", "multi_run", "tune"], one.run_type);
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "A config of the Cell Observatory Platform, or a part of one",
    $comment: "Written by tools/write-config-reference.ts; do not edit.",
    type: "object",
    properties: { defaults: defaultsList, ...several, ...one, run_type },
    additionalProperties: false,
    $defs: { reference, ...Object.fromEntries(definitions) },
  };
}

const choice = (names: readonly string[], key: unknown): Json => ({
  ...(key as Json),
  anyOf: [{ enum: names }, { $ref: "#/$defs/reference" }],
});

function properties(schema: AnySchema, path: string, context: Context) {
  const prefix = path === "" ? "" : `${path}.`;
  const found = [...childrenOf(schema)].filter(([key]) => key !== anyKey);
  const own = found.map(([key, child]) => [key, value(child, prefix + key, context)] as const);
  return Object.fromEntries([...own, ...pythonKeys(found, path)]) as Record<string, Json>;
}

/** Keys that `read-targets.ts` turns into others before anything is checked. */
function pythonKeys(
  found: readonly (readonly [string, unknown])[],
  path: string,
): readonly (readonly [string, Json])[] {
  const isNamed = found.some(([key]) => key === "kind" || key === "name");
  if (path === "models") return ["BUILD", "PARALLELISM"].map((key) => [key, inPython] as const);
  return isNamed ? [["_target_", inPython]] : [];
}

function object(schema: AnySchema, path: string, context: Context): Json {
  const { meta } = bare(schema);
  const { description } = meta ?? {};
  const top = context.isGroup.has(path) ? { defaults: defaultsList } : {};
  return {
    ...(description === undefined ? {} : { description }),
    type: "object",
    properties: { ...top, ...properties(schema, path, context) },
    additionalProperties: false,
  };
}

/** One value: what it may be, or a reference to another. */
function value(wrapped: AnySchema, path: string, context: Context): Json {
  const dotted = ["trainer", "loop_per_worker_script"].includes(path) ? [inPython] : [];
  if (path !== "" && context.isGroup.has(path)) {
    const group = { $ref: `#/$defs/${path}` };
    return dotted.length === 0 ? group : { anyOf: [group, ...dotted] };
  }
  const { schema, meta, isNullable, default: otherwise } = bare(wrapped);
  const kinds = [
    ...kindsOf(schema, path, context),
    ...(isNullable ? [{ type: "null" }] : []),
    ...dotted,
    { $ref: "#/$defs/reference" },
  ];
  return {
    ...meta,
    ...(otherwise === undefined ? {} : { default: otherwise }),
    anyOf: kinds,
  };
}

function kindsOf(schema: PlainSchema, path: string, context: Context): readonly Json[] {
  const { def } = schema._zod;
  switch (def.type) {
    case "object":
      return [object(schema, path, context)];
    case "array":
      return [{ type: "array", items: value(def.element, "", context) }];
    case "record":
      return [{ type: "object", additionalProperties: value(def.valueType, "", context) }];
    case "union": {
      if (context.within.includes(schema)) return [{}];
      const inside = { ...context, within: [...context.within, schema] };
      return def.options.flatMap((option) => kindsOf(bare(option).schema, "", inside));
    }
    case "unknown":
      return [{}];
    default:
      return [jsonOf(schema)];
  }
}
