import {
  type AnySchema,
  anyKey,
  bare,
  childrenOf,
  jsonOf,
  type PlainSchema,
} from "../../packages/platform/src/config/schema/schema-tree.ts";
import { groupPaths, groupSchema, rootSchema, severalRuns } from "./groups.ts";

interface Row {
  readonly key: string;
  readonly schema: AnySchema;
}

/** The Markdown of `docs/reference/config.md`: every key of a config, by its group. */
export function keyPage(): string {
  const groups = groupPaths();
  const isGroup = new Set(groups);
  return [
    intro,
    section("A whole config", undefined, rowsOf(rootSchema, "", isGroup)),
    section("Several runs (`run_type: multi_run`)", severalRuns, rowsOf(severalRuns, "", isGroup)),
    ...groups.flatMap((path) => {
      const schema = groupSchema(path);
      const rows = schema === undefined ? [] : rowsOf(schema, path, isGroup);
      return rows.length === 0 ? [] : [section(`\`${path}\``, schema, rows)];
    }),
  ].join("\n");
}

const intro = `# Every key of a config

A run is one mapping, composed from the files of \`configs/\` and yours. A key that is not here is refused, with the file, the
line and the nearest key. Keys that only the reference platform's Python uses are accepted and have no effect; where a key asks
for a part that is not built yet, \`cello config print\` shows the config, and \`cello train\` refuses it by name before anything
starts.

Written from the schemas by \`node tools/write-config-reference.ts\`; \`configs/schema.json\` is the same for editors.
`;

function section(title: string, schema: AnySchema | undefined, rows: readonly Row[]): string {
  const meaning = schema && bare(schema).meta?.description;
  const variants = rows.flatMap(({ key, schema: of }) =>
    kindsOf(of).map(([name, option]) => {
      const table = rowsOf(option, "", new Set());
      return `### \`${key}\`: ${name}\n\n${meaningOf(option)}${tableOf(table)}\n`;
    }),
  );
  const first = `## ${title}\n\n${meaning === undefined ? "" : `${sentence(meaning)}\n\n`}`;
  return `${first}${tableOf(rows)}\n${variants.length === 0 ? "" : `\n${variants.join("\n")}`}`;
}

const sentence = (text: string) => `${text[0]?.toUpperCase()}${text.slice(1)}.`;

/** What a variant is for, which it says itself, or else its first key. */
function meaningOf(option: AnySchema): string {
  const [, tag] = [...childrenOf(option)][0] ?? [];
  const meaning = bare(option).meta?.description ?? (tag && bare(tag).meta?.description);
  return meaning === undefined ? "" : `${sentence(meaning)}\n\n`;
}

/** Keys with their values; a mapping's are listed below it, a group's have their own section. */
function rowsOf(
  schema: AnySchema,
  path: string,
  isGroup: ReadonlySet<string>,
  prefix = "",
): readonly Row[] {
  return [...childrenOf(schema)].flatMap(([name, child]) => {
    const full = path === "" ? name : `${path}.${name}`;
    if (name === anyKey || isGroup.has(full)) return [];
    const key = prefix + name;
    const { def } = bare(child).schema._zod;
    const below = def.type === "object" ? rowsOf(child, full, isGroup, `${key}.`) : [];
    return [{ key, schema: child }, ...below];
  });
}

function tableOf(rows: readonly Row[]): string {
  const lines = rows.map(({ key, schema }) => {
    const { meta, isOptional, default: otherwise } = bare(schema);
    const cells = [
      `\`${key}\``,
      typeOf(schema),
      meta?.unit ?? "",
      otherwise === undefined ? (isOptional ? "" : "must be given") : shown(otherwise),
      meta?.description ?? "",
    ];
    return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  });
  return [
    "| key | value | unit | default | meaning |",
    "| --- | --- | --- | --- | --- |",
    ...lines,
  ].join("\n");
}

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text === "{}" ? "" : `\`${text}\``;
}

/** What a value may be, in words. */
function typeOf(wrapped: AnySchema): string {
  const { schema, isNullable } = bare(wrapped);
  const text = plainType(schema);
  return isNullable ? `${text}, or null` : text;
}

function plainType(schema: PlainSchema): string {
  const { def } = schema._zod;
  switch (def.type) {
    case "object":
      return "keys";
    case "array":
      return kindsOf(schema).length > 0 ? "list, see below" : `list of: ${typeOf(def.element)}`;
    case "record":
      return `your own keys, each: ${typeOf(def.valueType)}`;
    case "tuple":
      return `[${def.items.map((item) => typeOf(item)).join(", ")}]`;
    case "union":
      return [...new Set(def.options.map((option) => typeOf(option)))].join(", or ");
    case "enum":
      return Object.values(def.entries)
        .map((name) => `\`${name}\``)
        .join(", ");
    case "literal":
      return def.values.map((value) => `\`${value}\``).join(", ");
    case "boolean":
      return "true or false";
    case "null":
      return "null";
    case "string":
      return "text";
    case "number":
      return numberType(schema);
    default:
      return "any value";
  }
}

/** "whole number, at least 1, at most 16". */
function numberType(schema: AnySchema): string {
  const { type, ...bounds } = jsonOf(schema);
  const words = {
    minimum: "at least",
    exclusiveMinimum: "above",
    maximum: "at most",
    exclusiveMaximum: "below",
  };
  return [
    type === "integer" ? "whole number" : "number",
    ...Object.entries(words).flatMap(([key, word]) =>
      bounds[key] === undefined ? [] : [`${word} ${bounds[key]}`],
    ),
  ].join(", ");
}

/** The variants of a list whose items name their kind: each with its keys. */
function kindsOf(wrapped: AnySchema): readonly (readonly [string, AnySchema])[] {
  const { def } = bare(wrapped).schema._zod;
  if (def.type !== "array") return [];
  const item = bare(def.element).schema._zod.def;
  if (item.type === "object") return [["each", def.element]];
  if (item.type !== "union" || !("discriminator" in item)) return [];
  return item.options.map((option) => {
    const tag = childrenOf(option).get(String(item.discriminator));
    const kind = tag === undefined ? "" : plainType(bare(tag).schema);
    return [kind, option] as const;
  });
}
