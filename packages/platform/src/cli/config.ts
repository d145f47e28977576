import { dirname } from "node:path/posix";
import { noteWarnings, noteWarningsOf, requestOf } from "./config-verb.ts";
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
      const open = composeAny(request);
      await showConfig(open, flags, output);
      noteWarnings(open.warnings, output);
      return 0;
    }
    const job = planJob(request);
    noteWarningsOf(job, output);
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
    const searchPath = searchPathOf(flags["config-dir"]);
    searchPath.ensureRoots();
    const options = group === undefined ? await listed(searchPath) : inGroup(searchPath, group);
    const groups = group === undefined ? [] : searchPath.groups(group);
    if (groups.length > 0) {
      const names = groups.map((name) => `${group}/${name}`).join(", ");
      output.note(`groups in ${group}: ${names}`);
    }
    if (options.length + groups.length === 0) {
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

type SearchPath = ReturnType<typeof import("../config/index.ts")["searchPathOf"]>;

interface Groups {
  options(group: string): readonly string[];
}

/** The folders whose files are whole configs. */
const wholes: readonly string[] = ["", "experiments", "benchmarks"];

export const runnable = (groups: Groups): readonly string[] =>
  wholes.flatMap((group) => inGroup(groups, group));

/** Those, and all that lies in folders of the user's own that are no groups of ours. */
async function listed(searchPath: SearchPath): Promise<readonly string[]> {
  const { searchPathOf } = await import("../config/index.ts");
  const ours = new Set([...searchPathOf([]).all()].map((name) => dirname(name)));
  const others = [...searchPath.all()].filter((name) => !ours.has(dirname(name)));
  return [...new Set([...runnable(searchPath), ...others])];
}

/** Whole configs by the name that `--config-name` takes, others by the one after `group=`. */
const inGroup = (groups: Groups, group: string): readonly string[] =>
  groups
    .options(group)
    .map((name) => (group !== "" && wholes.includes(group) ? `${group}/${name}` : name));

export const config: VerbGroup = {
  name: "config",
  summary: "print and list configs",
  examples: ["cello config list", "cello config print --config-name experiments/nuclei_mae --why"],
  verbs: [print, list],
};
