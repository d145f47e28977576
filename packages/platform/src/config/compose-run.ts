import { join } from "node:path";
import { checkConfig } from "./check.ts";
import { type Composition, compose } from "./compose.ts";
import { knownKeys } from "./known-keys.ts";
import { RunConfig } from "./schema/run.ts";
import { SearchPath } from "./search-path.ts";

export interface ComposeRunRequest {
  readonly configName: string;
  readonly overrides: readonly string[];
  /** Searched before the program's own `configs/`, so that a user's file wins. */
  readonly configDirs: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A run's config, and the composition that it was checked from. */
export interface ComposedRun {
  readonly config: RunConfig;
  readonly composition: Composition;
}

/** The folder `configs/` that comes with the program. */
const ownConfigDir: string = join(import.meta.dirname, "../../../../configs");

/** The search path of the command line: the user's folders, then our own configs. */
export function searchPathOf(configDirs: readonly string[]): SearchPath {
  return new SearchPath([...configDirs, ownConfigDir]);
}

/** Composes and checks the config of a run. Nothing is started and nothing is written. */
export function composeRun({ configDirs, ...request }: ComposeRunRequest): ComposedRun {
  const keys = () => knownKeys(RunConfig).map(({ path }) => path);
  const searchPath = searchPathOf(configDirs);
  const composition = compose({ ...request, searchPath, knownKeys: keys });
  const config = checkConfig(RunConfig, composition.resolved, request.configName);
  return { config, composition };
}

/** Composes a config that need not be a run's, from the given folders alone if there are any. */
export function composeAny({ configDirs, ...request }: ComposeRunRequest): Composition {
  const roots = configDirs.length > 0 ? configDirs : [ownConfigDir];
  return compose({ ...request, searchPath: new SearchPath(roots) });
}
