import { join } from "node:path";
import type { OpenComposition } from "../compose.ts";
import { mergeMaps, nest } from "../node/merge.ts";
import { fromPlain, type MapNode, nodeAt, type Plain } from "../node/node.ts";
import { pythonStr } from "../node/python-text.ts";
import type { MultiRunConfig } from "../schema/multi-run.ts";
import { pointAsMap, type SweepPoint } from "./sweep-product.ts";

interface Settling {
  readonly points: readonly SweepPoint[];
  readonly name: string;
  readonly base: OpenComposition;
  readonly config: MultiRunConfig;
  /** Its place among all, from 0. */
  readonly num: number;
}

/** A run of a list with what the list says of it: the points of its sweep, its name, folder and tags. */
export function settledRun(merged: MapNode, { points, name, base, config, num }: Settling) {
  const swept = points.reduce((whole, point) => base.merge(whole, pointAsMap(point)), merged);
  const all = config.experiment_name;
  const parent = all === undefined ? swept : withValue(swept, ["experiment_name"], all);
  const resolved = base.resolve(parent, num);
  const folder = nodeAt(resolved, ["paths", "outdir"]);
  const root = folder?.kind === "scalar" ? String(folder.value) : "";
  const outdir = join(root, config.data_base_dir ?? "", name);
  const tags = nodeAt(resolved, ["wandb_tags"]);
  const own = tags?.kind === "list" ? tags.items.map(pythonStr) : [];
  const settled: readonly (readonly [readonly string[], Plain | undefined])[] = [
    [["experiment_name"], name],
    [["paths", "outdir"], outdir],
    [["run_type"], "single_run"],
    [["wandb_project"], config.wandb_project],
    [["wandb_tags"], config.wandb_tags === null ? undefined : [...own, ...config.wandb_tags]],
  ];
  const whole = settled.reduce(
    (whole, [path, value]) => (value === undefined ? whole : withValue(whole, path, value)),
    swept,
  );
  return { outdir, whole };
}

function withValue(config: MapNode, path: readonly string[], value: Plain): MapNode {
  const source = { kind: "override", text: `of the list of runs: ${path.join(".")}` } as const;
  const last = path.at(-1) ?? "";
  const entries = new Map([[last, { keySource: source, node: fromPlain(value, source) }]]);
  const over = nest({ kind: "map", entries, source }, path.slice(0, -1));
  return mergeMaps(config, over, () => undefined);
}
