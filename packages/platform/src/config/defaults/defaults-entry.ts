import { ConfigDefaultsError } from "../faults/errors.ts";
import { keyText, type Node, type ScalarNode } from "../node/node.ts";
import type { Source } from "../node/source.ts";

/** One line of a `defaults:` list. */
export type DefaultsEntry = SelfEntry | ConfigEntry | GroupEntry;

/** `_self_`: where the config's own content goes. */
export interface SelfEntry {
  readonly kind: "self";
  readonly source: Source;
}

/** `- name`, `- folder/name`, `- /folder/name`: a config by its path. */
export interface ConfigEntry {
  readonly kind: "config";
  readonly path: string;
  readonly package: string | null;
  readonly isOptional: boolean;
  readonly source: Source;
}

/** `- group: option`: one option of a group, a list of them, or none (null). */
export interface GroupEntry {
  readonly kind: "group";
  readonly group: string;
  readonly option: string | readonly string[] | null;
  readonly package: string | null;
  readonly isOptional: boolean;
  /** `- override group: option`: changes what another list chose. */
  readonly isOverride: boolean;
  readonly source: Source;
}

/** @throws {@link ConfigDefaultsError} for what is not a list of such lines. */
export function readDefaults(node: Node): readonly DefaultsEntry[] {
  if (node.kind !== "list") {
    throw new ConfigDefaultsError(node.source, "expected a list under defaults:");
  }
  return node.items.map(readEntry);
}

function readEntry(node: Node): DefaultsEntry {
  if (node.kind === "scalar" && typeof node.value === "string") {
    return configEntry(node.value, node.source);
  }
  const [only, second] = node.kind === "map" ? [...node.entries] : [];
  if (!only || second || keyText(only[0]) !== only[0]) {
    throw new ConfigDefaultsError(node.source, "expected a name, or one `group: option`");
  }
  const [key, entry] = only;
  return groupEntry(key, entry.node);
}

function configEntry(text: string, source: Source): SelfEntry | ConfigEntry {
  if (text === "_self_") return { kind: "self", source };
  const { name, package: pkg } = readName(text, [], source);
  return { kind: "config", path: name, package: pkg, isOptional: false, source };
}

function groupEntry(key: string, node: Node): SelfEntry | GroupEntry {
  const { source } = node;
  const { keywords, name, package: pkg } = readName(key, ["optional", "override"], source);
  return {
    kind: "group",
    group: name,
    option: readOption(node),
    package: pkg,
    isOptional: keywords.includes("optional"),
    isOverride: keywords.includes("override"),
    source,
  };
}

function readOption(node: Node): GroupEntry["option"] {
  if (node.kind === "scalar") return optionName(node);
  if (node.kind === "list") {
    return node.items.map((item) => {
      const name = item.kind === "scalar" ? optionName(item) : null;
      if (name === null) throw new ConfigDefaultsError(item.source, "expected an option's name");
      return name;
    });
  }
  throw new ConfigDefaultsError(node.source, "expected an option, a list of options, or null");
}

/** Hydra, too, takes `- db: '1'` for an option, and neither `- db: 1` nor `- db: no`. */
function optionName({ value, source }: ScalarNode): string | null {
  if (value === null || typeof value === "string") return value;
  const message = `expected an option's name, got ${value}; put a name like this in quotes`;
  throw new ConfigDefaultsError(source, message);
}

/** `override optional /group@package`: keywords, then a name, then perhaps a package. */
function readName(
  text: string,
  allowed: readonly string[],
  source: Source,
): {
  readonly keywords: readonly string[];
  readonly name: string;
  readonly package: string | null;
} {
  const words = text.trim().split(/\s+/);
  const [name = "", renamed, more] = (words.at(-1) ?? "").split("@");
  const pkg = renamed?.replace(/:.*$/, ""); // group@package:renamed, of Hydra 1.0; as there now
  const keywords = words.slice(0, -1);
  const wrong = keywords.find((word, i) => !allowed.includes(word) || keywords.indexOf(word) !== i);
  if (wrong !== undefined || name === "" || more !== undefined) {
    throw new ConfigDefaultsError(source, `expected a name, got ${JSON.stringify(text)}`);
  }
  return {
    keywords,
    name: name.replace(/\.yaml$/, ""),
    package: pkg === "_here_" ? "" : (pkg ?? null),
  };
}
