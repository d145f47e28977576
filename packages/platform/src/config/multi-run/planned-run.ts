import type { Composition } from "../compose.ts";
import type { RunConfig } from "../schema/run.ts";

/** One of several runs, worked out and checked before the first of them starts. */
export interface PlannedRun {
  readonly name: string;
  /** Its folder. */
  readonly outdir: string;
  readonly config: RunConfig;
  /** What the config was checked from; null for a run of a list, which `file` has whole. */
  readonly composition: Composition | null;
  /** What the command line says after the verb, to do this run alone. */
  readonly args: readonly string[];
  /** A config to be written before: it is in `args`, and holds no secret that a reference can name. */
  readonly file: { readonly path: string; readonly text: string } | null;
}
