import { dirname } from "node:path/posix";
import { requestOf } from "./config-verb.ts";
import { composeFlags, overrideOperand, showFlags } from "./run-flags.ts";
import { ofList, ofRun, showConfig } from "./show-config.ts";
import { UsageError } from "./usage-error.ts";
import { type VerbGroup, verb } from "./verb.ts";

const print = verb({
  name: "print",
  summary: "print a composed config",
  description:
    "With --no-schema any folder of Hydra YAML composes, and only --config-dir is searched. Values of secret variables are printed as ${oc.env:NAME}.",
  examples: [
    "cello config print --config-name experiments/nuclei_mae optimizers.lr=1e-3 --why",
    "cello config print --config-name experiments/nuclei_mae --package datasets.masking --resolve",
    "cello config print --config-dir my_configs --config-name train --no-schema --json",
  ],
  flags: {
    ...composeFlags,
    ...showFlags,
    "no-schema": { kind: "switch", help: "compose only; any key is allowed" },
  },
  operands: [overrideOperand],
  async run({ flags, operands, output }) {
    const { composeAny, planJob } = await import("../config/index.ts");
    const request = requestOf({ ...flags, multirun: false }, operands);
    if (flags["no-schema"]) {
      await showConfig(composeAny(request), flags, output);
      return 0;
    }
    const job = planJob(request);
    if (job.kind === "one") await showConfig(ofRun(job), flags, output);
    else if (job.list !== null) await showConfig(ofList(job.list, flags, output), flags, output);
    return 0;
  },
});

const list = verb({
  name: "list",
  summary: "list the configs that can be run, or the options of a group",
  examples: ["cello config list", "cello config list models/meta_arch/mae"],
  flags: { "config-dir": composeFlags["config-dir"] },
  operands: [{ name: "group", help: "as in group=option", isOptional: true }],
  async run({ flags, operands: [group], output }) {
    const { didYouMean, searchPathOf } = await import("../config/index.ts");
    const dir = flags["config-dir"];
    const searchPath = searchPathOf(dir === undefined ? [] : [dir]);
    searchPath.ensureRoots();
    const options = group === undefined ? runnable(searchPath) : inGroup(searchPath, group);
    if (options.length === 0) {
      const groups = new Set([...searchPath.all()].map((name) => dirname(name)));
      throw new UsageError(
        `no config lies in the group ${group}${didYouMean(group ?? "", groups)}`,
        "A group is a folder of configs/, such as models/meta_arch/mae.",
      );
    }
    for (const option of options) {
      output.json(option);
      output.line(option);
    }
    return 0;
  },
});

interface Groups {
  options(group: string): readonly string[];
}

/** The folders whose files are whole configs. */
const wholes: readonly string[] = ["", "experiments", "benchmarks"];

export const runnable = (groups: Groups): readonly string[] =>
  wholes.flatMap((group) => inGroup(groups, group));

/** Whole configs by the name that `--config-name` takes, others by the one after `group=`. */
const inGroup = (groups: Groups, group: string): readonly string[] =>
  groups
    .options(group)
    .map((name) => (group !== "" && wholes.includes(group) ? `${group}/${name}` : name));

export const config: VerbGroup = {
  name: "config",
  summary: "print, check and list configs",
  examples: ["cello config list", "cello config print --config-name experiments/nuclei_mae --why"],
  verbs: [print, list],
};
