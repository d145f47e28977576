import { jsonSchema } from "./json-schema.ts";
import { keyPage } from "./key-page.ts";

/** The files that are written from the config's schemas: path in the repository, and content. */
export function configReference(): readonly (readonly [path: string, text: string])[] {
  return [
    ["configs/schema.json", linesOf(jsonSchema())],
    ["docs/reference/config.md", keyPage()],
  ];
}

/** JSON with a line for each group, so that a change shows where it is. */
function linesOf({ $defs, ...root }: ReturnType<typeof jsonSchema>): string {
  const line = ([key, value]: readonly [string, unknown]) =>
    `${JSON.stringify(key)}: ${JSON.stringify(value)}`;
  const definitions = Object.entries($defs as object).map(line);
  const rest = Object.entries(root).map(line);
  return `{\n${rest.join(",\n")},\n"$defs": {\n${definitions.join(",\n")}\n}\n}\n`;
}
