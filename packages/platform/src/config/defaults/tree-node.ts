import { ConfigDefaultsError } from "../faults/errors.ts";
import { type Source, showSource } from "../node/source.ts";
import type { ConfigFile } from "../yaml/yaml-file.ts";

/** A config that takes part, with those that its defaults list brings, in the order of merging. */
export interface TreeNode {
  /** As `--info defaults-tree` shows it: a config's path, or `group: option`. */
  readonly label: string;
  readonly configPath: string;
  readonly package: string;
  /** null: nothing is merged, as for `- db: null`. */
  readonly file: ConfigFile | null;
  /** `self` is where the file's own content is merged. */
  readonly children: readonly (TreeNode | "self")[];
  /** False for a config without a defaults list, which has nothing but itself. */
  readonly hasList: boolean;
  readonly isPrimary: boolean;
  /** As overrides name the group; null for a config by its path. */
  readonly key: string | null;
  /** What brought it: a line of a list, or an override. */
  readonly source: Source;
  /** Folder of the entry that brought it, by which its own `_self_` is shown. */
  readonly folder: string;
}

/**
 * A group's option is merged once, where it has no list of its own; Hydra lets those with a list
 * pass, and so do we.
 */
export function ensureOnce(node: TreeNode, seen: Map<string, Source>): void {
  for (const child of node.children) {
    if (child === "self") continue;
    ensureOnce(child, seen);
    const { key, file, hasList, source } = child;
    if (key === null || file === null || hasList) continue;
    const before = seen.get(key);
    if (before) {
      throw new ConfigDefaultsError(
        source,
        `${key} is there twice, first at ${showSource(before)}`,
      );
    }
    seen.set(key, source);
  }
}
