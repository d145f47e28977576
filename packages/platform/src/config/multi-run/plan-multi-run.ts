import { dirname, join } from "node:path";
import type { OpenComposition } from "../compose.ts";
import { composeOpen } from "../compose.ts";
import type { TreeNode } from "../defaults/tree-node.ts";
import type { ComposeRequest } from "../expand-request.ts";
import { ConfigInvalidError } from "../faults/errors.ts";
import { mergeMaps, nest } from "../node/merge.ts";
import { fromPlain, keyText, type MapNode, type Node, nodeAt, type Plain } from "../node/node.ts";
import { pythonStr } from "../node/python-text.ts";
import type { MultiRunConfig } from "../schema/multi-run.ts";
import { without } from "../schema/overruled.ts";
import type { RunConfig } from "../schema/run.ts";
import { printYaml } from "../yaml/print-yaml.ts";
import { gathered } from "./gathered.ts";
import type { PlannedRun } from "./planned-run.ts";
import { type ReadMultiRun, readMultiRun } from "./read-multi-run.ts";
import { runName } from "./run-name.ts";
import { pointAsMap, type SweepPoint, sweepProduct } from "./sweep-product.ts";

export interface PlanOptions {
  /** Composes a config by its name, with the search path of the whole. */
  readonly compose: (configName: string) => OpenComposition;
  /** Makes a resolved config a run's, or says all that is wrong with it. */
  readonly check: (resolved: MapNode, configName: string) => RunConfig;
  /** The places of defaults that do not count, since a run has something else beside them. */
  readonly overruled: (resolved: MapNode, tree: TreeNode) => readonly (readonly string[])[];
}

/**
 * The runs of a config with `run_type: multi_run`. As in the reference platform: the config `cfg`,
 * whole groups replaced by `defaults_overrides`, `overrides` merged over it, then each combination of
 * `sweep`; the folder is `paths.outdir/[data_base_dir/]NAME`.
 *
 * @throws ConfigInvalidError with the problems of all runs.
 */
export function planMultiRun(
  composition: OpenComposition,
  { compose, check, overruled }: PlanOptions,
): { readonly runs: readonly PlannedRun[]; readonly unusedKeys: readonly string[] } {
  const { config, base: own, entries } = readMultiRun(composition);
  const start = (cfg: string | undefined, i: number) => {
    if (cfg !== undefined) return compose(cfg);
    if (own !== null) return { ...composition, written: own };
    const source = nodeAt(composition.written, ["runs", `${i}`])?.source ?? null;
    const message = "is not given; it names the config that the run starts from";
    throw new ConfigInvalidError(composition.configName, [
      { key: `runs.${i}.cfg`, message, source },
    ]);
  };
  const planned = config.runs.flatMap((run, i) => {
    const base = start(run.cfg, i);
    const written = (entries[i] as ReadMultiRun["entries"][number]) ?? null;
    const replaced = (run.defaults_overrides ?? []).reduce(
      (whole, entry) => withGroup(whole, entry, compose),
      base.written,
    );
    const merged = written.overrides ? merge(replaced, written.overrides) : replaced;
    return sweepProduct(written.sweep).map((points) =>
      withPoints(merged, { points, name: run.name, base, config }),
    );
  });
  const runs = gathered(planned, ({ name, outdir, whole, base: { resolve, tree } }) => {
    const resolved = resolve(whole);
    const unused = overruled(resolved, tree);
    return {
      name,
      outdir,
      config: check(without(resolved, unused), `${composition.configName}, run ${name}`),
      composition: null,
      // in one file of its own a default could not be told from what was written
      ...asFile(without(whole, unused), { name, outdir }),
    };
  });
  const isUsed = config.runs.some(({ cfg }) => cfg === undefined);
  const unusedKeys = isUsed ? [] : [...(own?.entries.keys() ?? [])].map(keyText);
  return { runs, unusedKeys };
}

const merge = (under: MapNode, over: MapNode) => mergeMaps(under, over, () => undefined);

interface Points {
  readonly points: readonly SweepPoint[];
  readonly name: string;
  readonly base: OpenComposition;
  readonly config: MultiRunConfig;
}

function withPoints(merged: MapNode, { points, name: first, base, config }: Points) {
  const swept = points.reduce((whole, point) => merge(whole, pointAsMap(point)), merged);
  const name = runName(
    first,
    points.map(({ path, value }) => ({ path, value: pythonStr(value) })),
  );
  const all = config.experiment_name;
  const parent = all === undefined ? swept : withValue(swept, ["experiment_name"], all);
  const folder = nodeAt(base.resolve(parent), ["paths", "outdir"]);
  const root = folder?.kind === "scalar" ? String(folder.value) : "";
  const outdir = join(root, config.data_base_dir ?? "", name);
  const tags = nodeAt(swept, ["wandb_tags"]);
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
  return { name, outdir, whole, base };
}

function withValue(config: MapNode, path: readonly string[], value: Plain): MapNode {
  const source = { kind: "override", text: `of the list of runs: ${path.join(".")}` } as const;
  const last = path.at(-1) ?? "";
  const entries = new Map([[last, { keySource: source, node: fromPlain(value, source) }]]);
  return merge(config, nest({ kind: "map", entries, source }, path.slice(0, -1)));
}

/** `{ clusters: clusters/local }`: nothing of what the config had in the group stays. */
function withGroup(
  config: MapNode,
  entry: Readonly<Record<string, string>>,
  compose: PlanOptions["compose"],
): MapNode {
  const [[group = "", option = ""] = []] = Object.entries(entry);
  const path = group.split(/[./]/).filter((part) => part !== "");
  const composed = compose(optionName(path.join("/"), option)).written;
  return replaceAt(config, path, nodeAt(composed, path) ?? composed);
}

/** `local` of the group clusters, or `clusters/local`, or `configs/clusters/local.yaml`. */
const optionName = (group: string, option: string) =>
  option.includes("/") ? option : `${group}/${option}`;

function replaceAt(node: MapNode, [key = "", ...rest]: readonly string[], value: Node): MapNode {
  const before = node.entries.get(key);
  const inner = before?.node.kind === "map" ? before.node : fromPlain({}, value.source);
  const child = rest.length === 0 ? value : replaceAt(inner as MapNode, rest, value);
  const entries = new Map(node.entries);
  entries.set(key, { keySource: before?.keySource ?? value.source, node: child });
  return { ...node, entries };
}

/** The run as a config of its own, beside the runs' folders, where each value says where it is from. */
function asFile(whole: MapNode, { name, outdir }: Pick<PlannedRun, "name" | "outdir">) {
  const folder = join(dirname(outdir), "run-configs");
  const text = `# @package _global_\n${printYaml(whole, { withSources: true })}`;
  return {
    args: [`--config-dir=${folder}`, `--config-name=${name}`],
    file: { path: join(folder, `${name}.yaml`), text },
  };
}

/** What composes the parts of a list of runs: the same folders and environment, no overrides. */
export const composeWith =
  (request: Omit<ComposeRequest, "configName" | "overrides">) =>
  (configName: string): OpenComposition =>
    composeOpen({ ...request, configName, overrides: [] });
