import { dirname } from "node:path/posix";
import { composeFlags, overrideOperand, requireConfigName } from "./config-verb.ts";
import { UsageError } from "./usage-error.ts";
import { type VerbGroup, verb } from "./verb.ts";

const print = verb({
  name: "print",
  summary: "print a composed config",
  description:
    "With --no-schema any folder of Hydra YAML composes, and only --config-dir is searched.",
  examples: [
    "cello config print --config-name experiments/nuclei_mae optimizers.lr=1e-3 --why",
    "cello config print --config-dir my_configs --config-name train --no-schema --json",
  ],
  flags: {
    ...composeFlags,
    why: {
      kind: "switch",
      help: "after each value: the file and line, or the override, that set it",
    },
    resolve: { kind: "switch", help: "replace every ${...} by its value" },
    "no-schema": { kind: "switch", help: "compose only; any key is allowed" },
  },
  operands: [overrideOperand],
  async run({ flags, operands, output }) {
    const { composeAny, composeRun, printYaml, toPlain } = await import("../config/index.ts");
    const dir = flags["config-dir"];
    const request = {
      configName: requireConfigName(flags["config-name"]),
      overrides: operands,
      env: process.env,
      configDirs: dir === undefined ? [] : [dir],
    };
    const composition = flags["no-schema"] ? composeAny(request) : composeRun(request).composition;
    const node = flags.resolve ? composition.resolved : composition.written;
    output.json(toPlain(node));
    output.line(printYaml(node, { withSources: flags.why }).trimEnd());
    return 0;
  },
});

const list = verb({
  name: "list",
  summary: "list the configs that can be run, or the options of a group",
  examples: ["cello config list", "cello config list models/meta_arch/mae"],
  flags: { "config-dir": composeFlags["config-dir"] },
  operands: [{ name: "group", help: "as in group=option", isOptional: true }],
  async run({ flags, operands: [group = "experiments"], output }) {
    const { didYouMean, searchPathOf } = await import("../config/index.ts");
    const dir = flags["config-dir"];
    const searchPath = searchPathOf(dir === undefined ? [] : [dir]);
    searchPath.ensureRoots();
    const prefix = group === "experiments" ? "experiments/" : "";
    const options = searchPath.options(group);
    if (options.length === 0) {
      const groups = new Set([...searchPath.all()].map((name) => dirname(name)));
      throw new UsageError(
        `no config lies in the group ${group}${didYouMean(group, groups)}`,
        "A group is a folder of configs/, such as models/meta_arch/mae.",
      );
    }
    for (const option of options) {
      output.json(`${prefix}${option}`);
      output.line(`${prefix}${option}`);
    }
    return 0;
  },
});

export const config: VerbGroup = {
  name: "config",
  summary: "print, check and list configs",
  examples: ["cello config list", "cello config print --config-name experiments/nuclei_mae --why"],
  verbs: [print, list],
};
