import type { Composition, Job, JobRequest } from "../config/index.ts";
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
  /** Of a run: what its config was checked from. */
  readonly checked?: Composition;
}

/** Prints a config, or the part that `--package` names, as YAML or with --json as data. */
export async function showConfig(
  { written, resolve, checked }: Pick<Shown, "written" | "resolve" | "checked">,
  flags: Show,
  output: Output,
): Promise<void> {
  const config = await import("../config/index.ts");
  const { overruledIn, printYaml, provenanceOf, selectPackage, toPlain } = config;
  const path = flags.package ?? "_global_";
  const node = selectPackage(flags.resolve ? resolve() : written, path);
  const partOf = { key: path === "_global_" ? "" : path, whole: written };
  const unused = new Map(
    (flags.why && checked ? overruledIn(checked.resolved, checked.tree) : []).map(
      ({ path, by }) => [path.join("."), by?.join(".") ?? null] as const,
    ),
  );
  if (output.isJson && flags.why) {
    for (const { key, node: value, ...places } of provenanceOf(node, partOf)) {
      const overruledBy = unused.get(key);
      const use = unused.has(key) ? { isUsed: false, overruledBy } : {};
      output.json({ key, value: toPlain(value), ...places, ...use });
    }
  } else if (output.isJson) {
    output.json(toPlain(node));
  } else if (node.kind === "map" || flags.why) {
    const remarks = new Map([...unused].map(([key, by]) => [key, remarkOf(by)] as const));
    output.clean(printYaml(node, { withSources: flags.why, remarks, ...partOf }).trimEnd());
  } else {
    output.clean(JSON.stringify(hideSecrets(toPlain(node))));
  }
}

/** What `--why` says of a default of ours beside which a run says something else. */
const remarkOf = (by: string | null): string =>
  `not used: ${by === null ? "it follows from other keys" : `${by} counts`}`;

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
  checked: composition,
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
  const { written, hydra, resolve, resolveHydra, checked } = shown;
  if (which === "job" || which === undefined) return shown;
  const entries = (hydra: MapNode, job: () => MapNode) =>
    new Map([
      ["hydra", { keySource: hydra.source, node: hydra }],
      ...(which === "all" ? job().entries : []),
    ]);
  return {
    written: { ...written, entries: entries(hydra, () => written) },
    resolve: () => ({ ...written, entries: entries(resolveHydra(), resolve) }),
    ...(checked && { checked }),
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
