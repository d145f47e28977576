import { createRequire } from "node:module";
import { ConfigYamlError } from "../faults/errors.ts";
import type { Node } from "../node/node.ts";
import { readSimpleYaml } from "./yaml-simple.ts";

/** A config file: its content, and what its header comment says. */
export interface ConfigFile {
  readonly path: string;
  /** null: the file is empty. */
  readonly node: Node | null;
  /** The `# @package` header; null when there is none. */
  readonly packageHeader: string | null;
}

/**
 * Reads YAML with the place of every value, as PyYAML reads it (`yaml-scalar.ts`).
 *
 * @param path - how the file is called in errors.
 * @throws {@link ConfigYamlError} for wrong syntax, duplicate or forbidden keys, tags of other
 *   languages, numbers that are not exact, and files that are too big, too deep, or expand to too
 *   much: found before anything is built from them.
 */
export function parseConfigFile(written: string, path: string): ConfigFile {
  const text = written.replaceAll(/\r\n?/g, "\n");
  const simple = readSimpleYaml(text, path);
  const node = simple === undefined ? fullReader().readFullYaml(text, path) : simple;
  return { path, node, packageHeader: packageHeader(text, path) };
}

/** Loaded when a file needs it: the library behind it is a tenth of a command's start. */
function fullReader(): typeof import("./yaml-full.ts") {
  return createRequire(import.meta.url)("./yaml-full.ts");
}

/** The value of `# @package NAME` in the comment lines at the top. */
function packageHeader(text: string, path: string): string | null {
  for (const [i, line] of text.split("\n").entries()) {
    const words = line.trim().replace(/^#+/, "").trim().split(/\s+/);
    const isHeader = /^\s*#\s*@/.test(line);
    if (!isHeader && line.trim() !== "") return null;
    if (isHeader && words[0] === "@package") {
      if (words.length === 2) return words[1] ?? null;
      const source = { kind: "file", path, line: i + 1, column: 1 } as const;
      throw new ConfigYamlError(source, "expected one name after # @package");
    }
  }
  return null;
}
