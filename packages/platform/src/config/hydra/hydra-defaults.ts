import { fromPlain, type MapNode, type Plain } from "../node/node.ts";
import type { Source } from "../node/source.ts";
import type { ConfigFile } from "../yaml/yaml-file.ts";

/**
 * The configs that Hydra brings itself, so that `hydra:` keys, `override hydra/...` lines and
 * `${hydra:...}` compose as there. What they say about Python's loggers, plugins and help texts
 * has no effect here; folders, names and overrides have the meaning that they have in Hydra.
 *
 * Source: Hydra 1.3 `hydra/conf`.
 */
const configs: Readonly<Record<string, Plain>> = {
  "hydra/config": {
    mode: null,
    searchpath: [],
    run: { dir: "???" },
    sweep: { dir: "???", subdir: "???" },
    hydra_logging: "???",
    job_logging: "???",
    sweeper: "???",
    launcher: "???",
    callbacks: {},
    help: { app_name: "???", header: "???", footer: "???", template: "???" },
    hydra_help: { hydra_help: "???", template: "???" },
    output_subdir: ".hydra",
    overrides: { hydra: [], task: [] },
    job: {
      name: "???",
      chdir: null,
      override_dirname: "???",
      id: "???",
      num: "???",
      config_name: "???",
      env_set: {},
      env_copy: [],
      config: { override_dirname: { kv_sep: "=", item_sep: ",", exclude_keys: [] } },
    },
    runtime: {
      version: "???",
      version_base: "???",
      cwd: "???",
      config_sources: "???",
      output_dir: "???",
      choices: {},
    },
    verbose: false,
  },
  "hydra/output/default": {
    run: { dir: "outputs/${now:%Y-%m-%d}/${now:%H-%M-%S}" },
    sweep: { dir: "multirun/${now:%Y-%m-%d}/${now:%H-%M-%S}", subdir: "${hydra.job.num}" },
  },
  "hydra/launcher/basic": {
    _target_: "hydra._internal.core_plugins.basic_launcher.BasicLauncher",
  },
  "hydra/sweeper/basic": {
    _target_: "hydra._internal.core_plugins.basic_sweeper.BasicSweeper",
    max_batch_size: null,
    params: null,
  },
  "hydra/help/default": {
    app_name: "${hydra.job.name}",
    header: "${hydra.help.app_name}",
    footer: "",
    template: "${hydra.help.header}",
  },
  "hydra/hydra_help/default": { hydra_help: "???", template: "" },
  "hydra/env/default": {},
  ...logging("hydra_logging"),
  ...logging("job_logging"),
};

/** Loggers by name; only whether they are there counts. */
function logging(group: string): Readonly<Record<string, Plain>> {
  const root = (level: string, handlers: readonly string[]) => ({ level, handlers });
  const formatters = { simple: { format: "[%(asctime)s][%(levelname)s] - %(message)s" } };
  const stream = "ext://sys.stdout";
  const console = { class: "logging.StreamHandler", formatter: "simple", stream };
  const filename = "${hydra.runtime.output_dir}/${hydra.job.name}.log";
  const file = { class: "logging.FileHandler", formatter: "simple", filename };
  const isJob = group === "job_logging";
  const handlers = isJob ? { console, file } : { console };
  return {
    [`hydra/${group}/default`]: {
      version: 1,
      formatters,
      handlers,
      root: root("INFO", Object.keys(handlers)),
      ...(isJob ? {} : { loggers: { logging_example: { level: "DEBUG" } } }),
      disable_existing_loggers: false,
    },
    [`hydra/${group}/disabled`]: {
      version: 1,
      root: { level: "ERROR" },
      disable_existing_loggers: true,
    },
    [`hydra/${group}/none`]: { version: 1, root: null, disable_existing_loggers: false },
    [`hydra/${group}/${isJob ? "stdout" : "hydra_debug"}`]: {
      version: 1,
      formatters,
      handlers: isJob ? { console } : { file: { ...file, mode: "w", delay: true } },
      root: root(isJob ? "INFO" : "ERROR", [isJob ? "console" : "file"]),
      ...(isJob ? {} : { loggers: { hydra: { level: "DEBUG" } } }),
      disable_existing_loggers: false,
    },
  };
}

/** Options of plugins that people install beside Hydra: they compose, with any keys below them. */
const plugins: Readonly<Record<string, readonly string[]>> = {
  "hydra/launcher": ["joblib", "ray", "ray_aws", "rq", "submitit_local", "submitit_slurm"],
  "hydra/sweeper": ["ax", "nevergrad", "optuna"],
  "hydra/hydra_logging": ["colorlog"],
  "hydra/job_logging": ["colorlog"],
};

/** Where the content goes that does not lie below its own group's name. */
const headers: Readonly<Record<string, string>> = {
  "hydra/output/default": "hydra",
  "hydra/env/default": "_global_",
};

/** The groups whose choice is made before ours. */
const groups = [
  ["output", "default"],
  ["launcher", "basic"],
  ["sweeper", "basic"],
  ["help", "default"],
  ["hydra_help", "default"],
  ["hydra_logging", "default"],
  ["job_logging", "default"],
  ["callbacks", null],
  ["env", "default"],
] as const;

/** A config that Hydra brings, or a plugin's, by its name; undefined where there is none. */
export function hydraConfig(name: string): ConfigFile | undefined {
  const plain = Object.hasOwn(configs, name) ? configs[name] : undefined;
  if (plain === undefined && !hydraOptions(groupOf(name)).includes(nameOf(name))) return undefined;
  const path = `${ownPrefix}${name}`;
  const source = { kind: "file", path, line: 1, column: 1 } as const;
  const node = fromPlain(plain ?? {}, source) as MapNode;
  if (name !== "hydra/config") return { path, node, packageHeader: headers[name] ?? null };
  const defaults = groups.map(([group, option]) => ({ [group]: option }));
  const entry = { keySource: source, node: fromPlain(defaults, source) };
  const entries = new Map([["defaults", entry], ...node.entries]);
  return { path, node: { ...node, entries }, packageHeader: null };
}

const ownPrefix = "Hydra's ";

/** Whether a value is as Hydra brings it, and nobody's choice. */
export const isHydrasOwn = (source: Source): boolean =>
  source.kind === "file" && source.path.startsWith(ownPrefix);

const groupOf = (name: string) => name.slice(0, Math.max(0, name.lastIndexOf("/")));
const nameOf = (name: string) => name.slice(name.lastIndexOf("/") + 1);

export const isHydraGroup = (group: string): boolean =>
  group === "hydra" || groups.some(([name]) => `hydra/${name}` === group);

export const isPluginOption = (group: string, option: string): boolean =>
  Object.hasOwn(plugins, group) && (plugins[group] ?? []).includes(option);

export function hydraOptions(group: string): readonly string[] {
  const own = Object.keys(configs).filter((name) => groupOf(name) === group);
  const brought = Object.hasOwn(plugins, group) ? (plugins[group] ?? []) : [];
  return [...own.map(nameOf), ...brought];
}
