import { ConfigError, ConfigInvalidError, type Problem } from "./errors.ts";

/**
 * What is wrong with a config, gathered while it is composed and checked: whoever corrects a command
 * corrects it once.
 */
export class Faults {
  readonly #found: ConfigError[] = [];
  readonly #excused = new Set<string>();

  get isEmpty(): boolean {
    return this.#found.length === 0;
  }

  add(fault: ConfigError): void {
    this.#found.push(fault);
  }

  /** A key whose value is wrong for a reason that is told already. */
  excuse(key: string): void {
    this.#excused.add(key);
  }

  /** What `act` gives; `otherwise` where the config is at fault, which is kept for later. */
  attempt<T>(act: () => T, otherwise: T): T {
    try {
      return act();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      this.add(error);
      return otherwise;
    }
  }

  /**
   * What `act` gives. A fault of the config ends it, and is said with all that were kept.
   *
   * @throws the fault, if it is the only one; else {@link ConfigInvalidError} with all of them.
   */
  finish<T>(configName: string, act: () => T): T {
    const done = this.attempt(() => ({ value: act() }), null);
    if (done !== null && this.isEmpty) return done.value;
    throw this.#whole(configName);
  }

  /** @throws as `finish`. */
  ensureNone(configName: string): void {
    if (!this.isEmpty) throw this.#whole(configName);
  }

  #whole(configName: string): ConfigError {
    const problems = together(this.#found, this.#excused);
    const [only, ...more] = this.#found;
    if (only !== undefined && (more.length === 0 || problems.length === 1)) return only;
    return new ConfigInvalidError(configName, problems);
  }
}

/**
 * Each problem once. A value of which something is known already is not complained of again: a
 * reference that leads nowhere is no number either.
 */
function together(
  faults: readonly ConfigError[],
  excused: ReadonlySet<string>,
): readonly Problem[] {
  const found = new Map<string, Problem>();
  const keys = new Set(excused);
  for (const { problems } of faults) {
    const fresh = problems.filter(({ key }) => !keys.has(key));
    for (const problem of fresh) found.set(JSON.stringify(problem), problem);
    for (const { key } of problems) if (key !== "") keys.add(key);
  }
  return [...found.values()];
}
