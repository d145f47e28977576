import { checkConfig } from "../check/check.ts";
import type { OpenComposition } from "../compose.ts";
import { childOf, type Entry, type MapNode, type Node, nodeAt } from "../node/node.ts";
import { MultiRunConfig } from "../schema/multi-run.ts";
import { RunKeys } from "../schema/run-keys.ts";

/** A config of several runs, checked; and of each its keys as written, for the run to resolve. */
export interface ReadMultiRun {
  readonly config: MultiRunConfig;
  /** What the config says of a run itself: the start of those runs that name no `cfg`; as written. */
  readonly base: MapNode | null;
  readonly entries: readonly {
    readonly overrides: MapNode | null;
    readonly sweep: readonly Node[];
  }[];
}

/**
 * Reads a composed config with `run_type: multi_run`. References in `overrides` and `sweep` are meant
 * in the run that they are merged into; all others are resolved here.
 *
 * @throws ConfigInvalidError with every problem.
 */
export function readMultiRun(composition: OpenComposition): ReadMultiRun {
  const { resolve, configName } = composition;
  const { written, base } = divided(composition.written);
  const runs = nodeAt(written, ["runs"]);
  const items = runs?.kind === "list" ? runs.items : [];
  const outer = runs && {
    ...runs,
    ...(runs.kind === "list" && { items: items.map(withoutParts) }),
  };
  const resolved = resolve(outer ? withEntry(written, "runs", outer) : written);
  const solved = nodeAt(resolved, ["runs"]);
  const whole =
    solved?.kind === "list"
      ? withEntry(resolved, "runs", {
          ...solved,
          items: solved.items.map((item, i) => withParts(item, items[i])),
        })
      : resolved;
  const config = checkConfig(MultiRunConfig, whole, configName);
  const entries = items.map((item) => {
    const [overrides, sweep] = [childOf(item, "overrides"), childOf(item, "sweep")];
    return {
      overrides: overrides?.kind === "map" ? overrides : null,
      sweep: sweep?.kind === "list" ? sweep.items : [],
    };
  });
  return { config, base, entries };
}

/** The keys of a list of runs, and those of a run; keys that are neither stay to be complained of. */
function divided(whole: MapNode): { readonly written: MapNode; readonly base: MapNode | null } {
  const own = new Set(Object.keys(MultiRunConfig.unwrap().shape));
  const ofRun = [...whole.entries].filter(([key]) => !own.has(key) && key in RunKeys.shape);
  if (ofRun.length === 0) return { written: whole, base: null };
  const left = new Set(ofRun.map(([key]) => key));
  const kept = [...whole.entries].filter(([key]) => !left.has(key));
  const shared = kept.filter(([key]) => key in RunKeys.shape && key !== "run_type");
  return {
    written: { ...whole, entries: new Map(kept) },
    base: { ...whole, entries: new Map([...shared, ...ofRun]) },
  };
}

const parts = ["overrides", "sweep"] as const;

function withoutParts(item: Node): Node {
  if (item.kind !== "map") return item;
  const entries = new Map(item.entries);
  for (const part of parts) entries.delete(part);
  return { ...item, entries };
}

function withParts(item: Node, from: Node | undefined): Node {
  if (item.kind !== "map" || from?.kind !== "map") return item;
  const entries = new Map<string, Entry>(item.entries);
  for (const part of parts) {
    const entry = from.entries.get(part);
    if (entry) entries.set(part, entry);
  }
  return { ...item, entries };
}

/** The mapping with another value for a key. */
function withEntry(map: MapNode, key: string, node: Node): MapNode {
  const entries = new Map(map.entries);
  entries.set(key, { keySource: entries.get(key)?.keySource ?? node.source, node });
  return { ...map, entries };
}
