import type { NumaNode } from "./numa-nodes.ts";

/**
 * Processors for the threads that decode: those of the node next to the device, and where they are
 * too few, those of the next nearest nodes, by the kernel's distances. Null: there is nothing to
 * choose, on one node or without a device that is near to one.
 *
 * Source: the policy `distance` of the reference platform's NumaNodeAffinityScheduler.
 */
export function planNuma(
  nodes: readonly NumaNode[],
  { near, numThreads }: { readonly near: number | null; readonly numThreads: number },
): readonly number[] | null {
  const home = nodes.find(({ id }) => id === near);
  const withCpus = nodes.filter(({ cpus }) => cpus.length > 0);
  if (!home || withCpus.length < 2) return null;
  const distance = (node: NumaNode) => home.distances[nodes.indexOf(node)] ?? Number.MAX_VALUE;
  const chosen: number[] = [];
  for (const node of withCpus.toSorted((a, b) => distance(a) - distance(b))) {
    if (chosen.length >= numThreads) break;
    chosen.push(...node.cpus);
  }
  return chosen.length === 0 ? null : chosen.sort((a, b) => a - b);
}
