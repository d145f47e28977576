import { resolve } from "node:path";
import { ConfigDefaultsError } from "../faults/errors.ts";
import { resolveAt } from "../interpolation/resolve.ts";
import type { ResolverContext } from "../interpolation/resolvers.ts";
import { isNull, type MapNode, type Node } from "../node/node.ts";
import type { Override } from "../override/parse-override.ts";
import type { ConfigFile } from "../yaml/yaml-file.ts";

/**
 * The folders that `hydra.searchpath` adds, searched last: of the command line, or else of the
 * primary config. Paths are from the working folder, as in Hydra.
 */
export function extraRoots(
  primary: ConfigFile | null,
  overrides: readonly Override[],
  context: ResolverContext,
): readonly string[] {
  const override = overrides.find(({ key }) => key === "hydra.searchpath");
  const node = override ? override.value : written(primary, context);
  if (!node || isNull(node)) return [];
  if (node.kind === "list") return node.items.flatMap(folder);
  throw new ConfigDefaultsError(node.source, "hydra.searchpath must be a list of folders");
}

function written(primary: ConfigFile | null, context: ResolverContext): Node | undefined {
  const root = primary?.node;
  return root?.kind === "map" && hasHydra(root)
    ? resolveAt(root, ["hydra", "searchpath"], context)
    : undefined;
}

const hasHydra = (root: MapNode) => root.entries.get("hydra")?.node.kind === "map";

/** None for a Python package: what only it has is then missed by its name. */
function folder(node: Node): readonly string[] {
  const path = node.kind === "scalar" && typeof node.value === "string" ? node.value : undefined;
  if (path === undefined) {
    throw new ConfigDefaultsError(node.source, "hydra.searchpath must be a list of folders");
  }
  if (/^(?:pkg|structured):\/\//.test(path)) return [];
  return [resolve(path.replace(/^file:\/\//, ""))];
}
