import { ConfigDefaultsError, ConfigYamlError } from "../faults/errors.ts";
import { mergeMaps, nest, type Referred } from "../node/merge.ts";
import { emptyMap, forbiddenKeys, isNull, type MapNode, nodeAt } from "../node/node.ts";
import type { Source } from "../node/source.ts";
import type { TreeNode } from "./tree-node.ts";

/** All files of the tree, each below its package, the later over the earlier. */
export function mergeTree(tree: TreeNode, referred: Referred): MapNode {
  const first: Source = { kind: "file", path: "", line: 1, column: 1 };
  return contents(tree).reduce((under, over) => mergeMaps(under, over, referred), emptyMap(first));
}

function contents(node: TreeNode): readonly MapNode[] {
  return node.children.flatMap((child) => (child === "self" ? own(node) : contents(child)));
}

function own({ file, package: pkg, configPath, isPrimary }: TreeNode): readonly MapNode[] {
  if (file === null) return [];
  const source = { kind: "file", path: file.path, line: 1, column: 1 } as const;
  const isEmpty = file.node === null || isNull(file.node);
  const node = isEmpty || file.node === null ? emptyMap(source) : file.node;
  if (node.kind !== "map") {
    throw new ConfigYamlError(
      node.source,
      `expected keys and values at the top, got a ${node.kind}`,
    );
  }
  const entries = new Map(node.entries);
  entries.delete("defaults");
  const path = pkg === "" ? [] : pkg.split(".");
  const forbidden = path.find((key) => forbiddenKeys.has(key));
  if (forbidden !== undefined) {
    throw new ConfigDefaultsError(node.source, `the package ${pkg} is refused: ${forbidden}`);
  }
  const content = nest({ ...node, entries }, path);
  const searchPath = nodeAt(content, ["hydra", "searchpath"]);
  if (searchPath && !isPrimary && configPath !== "hydra/config") {
    const message = "only the primary config may have hydra.searchpath";
    throw new ConfigDefaultsError(searchPath.source, message);
  }
  return [content];
}
