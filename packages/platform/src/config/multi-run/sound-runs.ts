import type { OpenComposition } from "../compose.ts";
import { ConfigInvalidError } from "../faults/errors.ts";
import type { MapNode, Node } from "../node/node.ts";
import { nodeAt } from "../node/node.ts";
import { type ReadMultiRun, readMultiRun } from "./read-multi-run.ts";
import type { RunFaults } from "./run-faults.ts";

interface SoundRuns {
  /** The list without those entries, and without the keys beside it, that are wrong by themselves. */
  readonly composition: OpenComposition;
  readonly read: ReadMultiRun;
}

/**
 * Reads a list of runs. An entry that is wrong is told, and left out: what is wrong with the others
 * is told with it.
 *
 * @throws ConfigInvalidError where no entry is left, or the list itself is wrong.
 */
export function soundRuns(composition: OpenComposition, faults: RunFaults): SoundRuns {
  try {
    return { composition, read: readMultiRun(composition) };
  } catch (error) {
    if (!(error instanceof ConfigInvalidError)) throw error;
    const { written, configName } = composition;
    const runs = nodeAt(written, ["runs"]);
    const wrongRuns = new Set<number>();
    const wrongKeys = new Set<string>();
    for (const { key } of error.problems) {
      const [, place] = /^runs\.(\d+)(?:\.|$)/.exec(key) ?? [];
      if (place === undefined) wrongKeys.add(key.split(".")[0] ?? "");
      else wrongRuns.add(Number(place));
    }
    const isWhole = wrongKeys.has("runs") || wrongKeys.has("run_type");
    if (isWhole || runs?.kind !== "list" || wrongRuns.size === runs.items.length) throw error;
    for (const place of wrongRuns) {
      const isOf = (key: string) => key === `runs.${place}` || key.startsWith(`runs.${place}.`);
      const own = error.problems.filter(({ key }) => isOf(key));
      faults.add(nameOf(runs.items[place], place), new ConfigInvalidError(configName, own));
    }
    const others = error.problems.filter(({ key }) => !/^runs\.\d/.test(key));
    if (others.length > 0) faults.add(null, new ConfigInvalidError(configName, others));
    const left = { ...runs, items: runs.items.filter((_, i) => !wrongRuns.has(i)) };
    return soundRuns({ ...composition, written: withRuns(written, left, wrongKeys) }, faults);
  }
}

/** As the entry says, or its place in the list. */
function nameOf(entry: Node | undefined, place: number): string {
  const name = entry && nodeAt(entry, ["name"]);
  return name?.kind === "scalar" && typeof name.value === "string" ? name.value : `${place + 1}`;
}

function withRuns(written: MapNode, runs: Node, wrongKeys: ReadonlySet<string>): MapNode {
  const kept = [...written.entries].filter(([key]) => !wrongKeys.has(key));
  const entries = kept.map(
    ([key, entry]) => [key, key === "runs" ? { ...entry, node: runs } : entry] as const,
  );
  return { ...written, entries: new Map(entries) };
}
