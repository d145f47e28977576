import type { Job, JobRequest } from "../config/index.ts";
import type { ExitCode } from "../errors/index.ts";
import { hideSecrets } from "../secrets/index.ts";
import type { FlagValues } from "./flag.ts";
import type { Output } from "./output.ts";
import type { runFlags, showFlags } from "./run-flags.ts";

type Config = typeof import("../config/index.ts");
type MapNode = Parameters<Config["selectPackage"]>[0];
type Show = FlagValues<typeof showFlags>;

/** What there is to show of a composed config. */
export interface Shown {
  readonly written: MapNode;
  readonly hydra: MapNode;
  resolve(): MapNode;
  resolveHydra(): MapNode;
}

/** Prints a config, or the part that `--package` names, as YAML or with --json as data. */
export async function showConfig(
  { written, resolve }: Pick<Shown, "written" | "resolve">,
  flags: Show,
  output: Output,
): Promise<void> {
  const { printYaml, provenanceOf, selectPackage, toPlain } = await import("../config/index.ts");
  const path = flags.package ?? "_global_";
  const node = selectPackage(flags.resolve ? resolve() : written, path);
  const partOf = { key: path === "_global_" ? "" : path, whole: written };
  if (output.isJson && flags.why) {
    for (const { key, node: value, ...places } of provenanceOf(node, partOf)) {
      output.json({ key, value: toPlain(value), ...places });
    }
  } else if (output.isJson) {
    output.json(toPlain(node));
  } else if (node.kind === "map" || flags.why) {
    output.clean(printYaml(node, { withSources: flags.why, ...partOf }).trimEnd());
  } else {
    output.clean(JSON.stringify(hideSecrets(toPlain(node))));
  }
}

/** `--cfg job|hydra|all` of a verb that runs: of one run, of a list, or of each run of a sweep. */
export async function showJob(
  job: Job,
  flags: FlagValues<typeof runFlags>,
  output: Output,
): Promise<ExitCode> {
  if (job.kind === "one") {
    await showConfig(part(ofRun(job), flags.cfg), flags, output);
  } else if (job.list !== null) {
    await showConfig(part(ofList(job.list, flags, output), flags.cfg), flags, output);
  } else {
    for (const run of job.runs) {
      if (run.composition === null) continue;
      output.line(`# ${run.name}`);
      await showConfig(part(ofRun({ composition: run.composition }), flags.cfg), flags, output);
    }
  }
  return 0;
}

type One = Extract<Job, { readonly kind: "one" }>;

export const ofRun = ({ composition }: Pick<One, "composition">): Shown => ({
  ...composition,
  resolve: () => composition.resolved,
});

type List = NonNullable<Extract<Job, { readonly kind: "several" }>["list"]>;

/** A list of runs has references that lead somewhere in its runs alone: it is shown as written. */
export function ofList(list: List, { resolve }: Pick<Show, "resolve">, output: Output): Shown {
  if (resolve) output.note("a list of runs is shown as it is written; its runs resolve it");
  return { ...list, resolve: () => list.written };
}

/** `--resolve` leaves `???` in the hydra part where only a run knows the value, as Hydra does. */
function part(shown: Shown, which: "job" | "hydra" | "all" | undefined) {
  const { written, hydra, resolve, resolveHydra } = shown;
  if (which === "job" || which === undefined) return { written, resolve };
  const entries = (hydra: MapNode, job: () => MapNode) =>
    new Map([
      ["hydra", { keySource: hydra.source, node: hydra }],
      ...(which === "all" ? job().entries : []),
    ]);
  return {
    written: { ...written, entries: entries(hydra, () => written) },
    resolve: () => ({ ...written, entries: entries(resolveHydra(), resolve) }),
  };
}

/** `--info defaults-tree`. */
export async function showTree(request: JobRequest, output: Output): Promise<ExitCode> {
  const { composeDefaultsTree, defaultsTreeText } = await import("../config/index.ts");
  const text = defaultsTreeText(composeDefaultsTree(request));
  output.json(text.trimEnd().split("\n"));
  output.line(text.trimEnd());
  return 0;
}
