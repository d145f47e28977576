import { ConfigError, ConfigInvalidError, type Problem } from "../faults/errors.ts";
import { showSource } from "../node/source.ts";

/** What may be wrong with some of several runs, and how each of them is called. */
export class RunFaults {
  readonly #found: { readonly run: string | null; readonly fault: ConfigError }[] = [];

  /** @param run - null: it is wrong with none of them, but beside them. */
  add(run: string | null, fault: ConfigError): void {
    this.#found.push({ run, fault });
  }

  /** What `act` gives for a run; null where the run's config is at fault, which is kept for later. */
  attempt<T>(run: string, act: () => T): T | null {
    try {
      return act();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      this.add(run, error);
      return null;
    }
  }

  /**
   * Each problem once, with the runs that have it: whoever corrects a config corrects it once.
   *
   * @param options.isSweep - of a sweep an override says by itself which runs have it.
   * @throws ConfigInvalidError, if anything was found.
   */
  ensureNone(whole: string, { isSweep = false } = {}): void {
    const found = new Map<string, { readonly runs: Set<string>; readonly problem: Problem }>();
    for (const { run, fault } of this.#found) {
      for (const problem of fault.problems) {
        const { key, message, source } = problem;
        const name = `${source === null ? "" : showSource(source)}\n${key}\n${message}`;
        const same = found.get(name) ?? { runs: new Set(), problem };
        if (run !== null) same.runs.add(run);
        found.set(name, same);
      }
    }
    if (found.size === 0) return;
    const problems = [...found.values()].map(({ runs, problem }) => {
      if (runs.size === 0 || (isSweep && problem.source?.kind === "override")) return problem;
      const key = `${namesOf([...runs])}: ${problem.key}`;
      return { ...problem, key: problem.key === "" ? key.trimEnd() : key };
    });
    throw new ConfigInvalidError(whole, problems);
  }

  /** The one fault that all of these runs have; null where there is none, or another beside it. */
  get only(): ConfigError | null {
    const [first, ...more] = this.#found;
    const isSame = first && more.every(({ fault }) => fault.message === first.fault.message);
    return isSame && first.fault.problems.length === 1 ? first.fault : null;
  }
}

const maxNames = 3;

function namesOf(runs: readonly string[]): string {
  const named = runs.slice(0, maxNames).join(", ");
  const others = runs.length - maxNames;
  const rest = others > 0 ? ` and ${others} more` : "";
  return `${runs.length === 1 ? "run" : "runs"} ${named}${rest}`;
}
