import type { TreeNode } from "./tree-node.ts";

/**
 * The files that took part, one a line, each below the one whose list names it: what Hydra's
 * `--info defaults-tree` prints. `_self_` is where a config's own content is merged.
 */
export function defaultsTreeText(tree: TreeNode): string {
  return `${lines(tree, "").join("\n")}\n`;
}

function lines(node: TreeNode, indent: string): readonly string[] {
  if (!node.hasList || node.children.length === 0) return [indent + node.label];
  const self = node.folder === "" ? "_self_" : `${node.folder}/_self_`;
  const inner = `${indent}  `;
  const below = node.children.flatMap((child) =>
    child === "self" ? [inner + self] : lines(child, inner),
  );
  return [`${indent}${node.label}:`, ...below];
}
