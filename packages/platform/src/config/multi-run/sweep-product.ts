import { nest } from "../node/merge.ts";
import { childrenOf, keyText, type MapNode, type Node } from "../node/node.ts";

/** One value for each key of a sweep. */
export interface SweepPoint {
  readonly path: readonly string[];
  readonly value: Node;
}

/** Every combination of the values, the last key turning fastest; one empty one without a sweep. */
export function sweepProduct(sweep: readonly Node[]): readonly (readonly SweepPoint[])[] {
  const axes = sweep.map((entry) => axisOf(entry, []));
  return axes.reduce<readonly (readonly SweepPoint[])[]>(
    (points, axis) => points.flatMap((point) => axis.map((next) => [...point, next])),
    [[]],
  );
}

/** The list inside of `{ optimizers: { lr: [1, 2] } }`; the schema has seen that there is one. */
function axisOf(node: Node, path: readonly string[]): readonly SweepPoint[] {
  if (node.kind === "list") return [...childrenOf(node)].map((value) => ({ path, value }));
  if (node.kind !== "map") return [];
  return [...node.entries].flatMap(([key, child]) => axisOf(child.node, [...path, keyText(key)]));
}

/** The same as a mapping, to be merged over a config. */
export function pointAsMap({ path, value }: SweepPoint): MapNode {
  const last = path.at(-1) ?? "";
  const entries = new Map([[last, { keySource: value.source, node: value }]]);
  return nest({ kind: "map", entries, source: value.source }, path.slice(0, -1));
}
