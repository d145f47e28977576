import type { ConfigInterpolationError } from "../faults/errors.ts";
import { type MapNode, missing, type Node, nodeAt } from "../node/node.ts";
import { type Instead, Resolution } from "./resolution.ts";
import type { ResolverContext } from "./resolvers.ts";

/**
 * The config with every `${...}` replaced by what it stands for. Each value keeps the place where
 * it is written; what a reference brings in keeps its own. A value that cannot be told, since a
 * reference leads nowhere or in a circle, stays as it is written, and is handed to `report`.
 *
 * @throws {@link ConfigInterpolationError} for what is nested too deep, or expands to too much.
 */
export function resolveAll(
  root: MapNode,
  context: ResolverContext,
  report: (fault: ConfigInterpolationError, path: readonly string[]) => void,
): MapNode {
  const instead: Instead = (fault, path, node) => {
    report(fault, path);
    return node;
  };
  return new Resolution(root, context).attempted(root, [], instead) as MapNode;
}

/**
 * The part of a config at a path, resolved; `???` stands for what a value that is still to be given
 * would say.
 *
 * Source: OmegaConf 2.3 `OmegaConf.resolve`.
 */
export function resolvePart(
  root: MapNode,
  path: readonly string[],
  context: ResolverContext,
): Node | undefined {
  const part = nodeAt(root, path);
  const instead = (
    fault: ConfigInterpolationError,
    _: readonly string[],
    { source }: Node,
  ): Node => {
    if (!fault.isToBeGiven) throw fault;
    return { kind: "scalar", value: missing, source };
  };
  return part && new Resolution(root, context).attempted(part, path, instead);
}

/** One value of a config, resolved; undefined where the path leads nowhere. */
export function resolveAt(
  root: MapNode,
  path: readonly string[],
  context: ResolverContext,
): Node | undefined {
  return new Resolution(root, context).at(path);
}

/** Where the value at a path is written, references followed; null for what a resolver makes. */
export function placeOf(
  root: MapNode,
  path: readonly string[],
  context: ResolverContext,
): readonly string[] | null {
  return new Resolution(root, context).placeOf(path);
}

/**
 * A value that is one reference to a mapping or list, as what it stands for now, with the
 * references inside still as written; undefined for every other value.
 */
export function referredContainer(
  root: MapNode,
  path: readonly string[],
  context: ResolverContext,
): Node | undefined {
  return new Resolution(root, context).container(path);
}
