import { resolve } from "node:path";
import type { Choices } from "../defaults/choices.ts";
import { ConfigInvalidError, type Problem } from "../faults/errors.ts";
import { didYouMean } from "../faults/nearest.ts";
import {
  fromPlain,
  isMissing,
  keyText,
  type MapNode,
  type Node,
  nodeAt,
  type Plain,
} from "../node/node.ts";
import { pythonStr } from "../node/python-text.ts";
import { isForHydra } from "../override/expand-sweeps.ts";
import type { Override } from "../override/parse-override.ts";
import { hydraConfig, isPluginOption } from "./hydra-defaults.ts";

/** What `${hydra:...}` knows of a run, beside what the config says. */
export interface HydraRun {
  /** `hydra.job.name`; "cello" unless said. */
  readonly jobName?: string;
  /** Place in a sweep, from 0. */
  readonly num?: number;
  readonly id?: string;
  /** Absolute; else it follows from `hydra.run.dir`. */
  readonly outputDir?: string;
  readonly cwd?: string;
}

/** `hydra.sweeper.params`, as override lines: what `-m` runs when nothing else is said. */
export function sweeperParams(hydra: MapNode): readonly string[] {
  const params = nodeAt(hydra, ["sweeper", "params"]);
  if (params?.kind !== "map") return [];
  return [...params.entries].map(([key, { node }]) => `${keyText(key)}=${pythonStr(node)}`);
}

interface FinishOptions {
  readonly configName: string;
  readonly overrides: readonly Override[];
  readonly choices: ReadonlyMap<string, string | null>;
  readonly roots: readonly string[];
  readonly run: HydraRun;
  /** The text at a path of the config, with its references; undefined where they lead nowhere. */
  readonly textAt: (config: MapNode, path: readonly string[]) => string | undefined;
}

/** `hydra.launcher.x=1` of a plugin that is not here has nothing to change, and composes anyway. */
export function openPluginKeys(
  overrides: readonly Override[],
  choices: Choices,
): readonly Override[] {
  const isOpen = ({ key, operation }: Override) => {
    const [root, group] = key.split(".");
    const option = choices.known.get(`hydra/${group}`);
    return (
      root === "hydra" &&
      operation === "change" &&
      typeof option === "string" &&
      isPluginOption(`hydra/${group}`, option)
    );
  };
  return overrides.map((one) => (isOpen(one) ? { ...one, operation: "force-add" } : one));
}

/** @throws {@link ConfigInvalidError} for keys of files that Hydra does not have under `hydra:`. */
export function ensureHydraKeys(config: MapNode, configName: string): void {
  const hydra = nodeAt(config, ["hydra"]);
  const problems = hydra?.kind === "map" ? unknownKeys(hydra, hydraSchema(), "hydra") : [];
  if (problems.length > 0) throw new ConfigInvalidError(configName, problems);
}

/** The whole config with what Hydra fills in under `hydra:` when it has composed. */
export function finishHydra(config: MapNode, options: FinishOptions): MapNode {
  const hydra = nodeAt(config, ["hydra"]);
  if (hydra?.kind !== "map") return config;
  const filled = withHydra(config, withFacts(hydra, facts(hydra, options)));
  const { outputDir, cwd = process.cwd() } = options.run;
  const runDir = options.textAt(filled, ["hydra", "run", "dir"]);
  const outputs = outputDir ?? (runDir === undefined ? undefined : resolve(cwd, runDir));
  if (outputs === undefined) return filled;
  const whole = nodeAt(filled, ["hydra"]);
  const runtime = { "runtime.output_dir": outputs };
  return whole?.kind === "map" ? withHydra(filled, withFacts(whole, runtime)) : filled;
}

/** The whole config as that of one of several runs. */
export function numbered(config: MapNode, num: number): MapNode {
  const hydra = nodeAt(config, ["hydra"]);
  if (hydra?.kind !== "map") return config;
  return withHydra(config, withFacts(hydra, { "job.num": num, "job.id": String(num) }));
}

const withHydra = (config: MapNode, hydra: MapNode): MapNode => ({
  ...config,
  entries: new Map([...config.entries, ["hydra", { keySource: hydra.source, node: hydra }]]),
});

const withFacts = (hydra: MapNode, found: Readonly<Record<string, Plain>>): MapNode =>
  Object.entries(found).reduce<MapNode>(
    (node, [key, value]) => put(node, key.split("."), value),
    hydra,
  );

/** Mappings whose keys are fixed; all others are the user's. */
const fixed: ReadonlySet<string> = new Set(
  ["", ".run", ".sweep", ".job", ".job.config", ".runtime", ".overrides", ".help"].map(
    (path) => `hydra${path}`,
  ),
);

const hydraSchema = (): Node | null => hydraConfig("hydra/config")?.node ?? null;

function unknownKeys(node: MapNode, schema: Node | null, path: string): readonly Problem[] {
  if (schema?.kind !== "map" || !fixed.has(path)) return [];
  return [...node.entries].flatMap(([key, { keySource: source, node: child }]) => {
    const inner = schema.entries.get(key)?.node;
    if (inner === undefined) {
      const advice = didYouMean(key, schema.entries.keys());
      return [{ key: `${path}.${key}`, message: `is not a key of ${path}${advice}`, source }];
    }
    return child.kind === "map" ? unknownKeys(child, inner, `${path}.${key}`) : [];
  });
}

function facts(hydra: MapNode, { configName, overrides, choices, roots, run }: FinishOptions) {
  const { jobName = "cello", num, id, cwd = process.cwd() } = run;
  const isGiven = (...path: string[]) => {
    const node = nodeAt(hydra, path);
    return node !== undefined && !isMissing(node);
  };
  const lines = (isHydra: boolean) =>
    overrides.filter((one) => isForHydra(one) === isHydra).map(({ text }) => text);
  return {
    "overrides.hydra": lines(true),
    "overrides.task": lines(false),
    "job.config_name": configName,
    "job.override_dirname": overrideDirname(hydra, overrides),
    ...(isGiven("job", "name") ? {} : { "job.name": jobName }),
    ...(num === undefined ? {} : { "job.num": num, "job.id": id ?? String(num) }),
    "runtime.choices": Object.fromEntries(choices),
    "runtime.config_sources": roots.map((path) => ({ path, schema: "file", provider: "main" })),
    "runtime.cwd": cwd,
    "runtime.version": "1.3.8",
    "runtime.version_base": "1.3",
  } satisfies Readonly<Record<string, Plain>>;
}

/** `a=1,b=2`, for the name of a folder. */
function overrideDirname(hydra: MapNode, overrides: readonly Override[]): string {
  const text = (name: string) => {
    const node = nodeAt(hydra, ["job", "config", "override_dirname", name]);
    return node?.kind === "scalar" ? String(node.value) : "";
  };
  const excluded = nodeAt(hydra, ["job", "config", "override_dirname", "exclude_keys"]);
  const isExcluded = (key: string) =>
    excluded?.kind === "list" &&
    excluded.items.some((item) => item.kind === "scalar" && item.value === key);
  return overrides
    .filter((one) => !isForHydra(one) && !isExcluded(one.key))
    .map((one) => one.text)
    .sort()
    .join(text("item_sep"))
    .replaceAll("=", text("kv_sep"));
}

function put(node: MapNode, [key = "", ...rest]: readonly string[], value: Plain): MapNode {
  const entries = new Map(node.entries);
  const old = entries.get(key);
  const child =
    rest.length > 0 && old?.node.kind === "map"
      ? put(old.node, rest, value)
      : fromPlain(value, node.source);
  entries.set(key, { keySource: old?.keySource ?? node.source, node: child });
  return { ...node, entries };
}
