import { ConfigOverrideError } from "../faults/errors.ts";
import type { Faults } from "../faults/faults.ts";
import { ElementFault } from "./element.ts";
import { elementText } from "./element-text.ts";
import { type OverrideLine, parseOverrideLine } from "./parse-override.ts";
import { type Random, sweepValues } from "./sweep.ts";

interface ExpandOptions {
  /** Options of a group, for `group=glob(*)`. */
  readonly options: (group: string) => readonly string[];
  readonly random: Random;
  /** Lines that are wrong are left out, and told. */
  readonly faults: Faults;
}

/** More runs than anyone starts on purpose. */
const maxRuns = 10_000;

/**
 * The override lines of each run of a sweep: every combination, the last key turning fastest. A
 * key that is given twice counts as its last, at the place of its first; keys of `hydra` are the
 * same in all runs, and come first.
 *
 * Source: Hydra 1.3 `BasicSweeper.split_arguments`.
 *
 * @throws {@link ConfigOverrideError} for more runs than anyone starts.
 */
export function expandSweepLines(
  overrides: readonly string[],
  { options, random, faults }: ExpandOptions,
): readonly (readonly string[])[] {
  const values = new Map<string, readonly string[]>();
  const forHydra: string[] = [];
  const take = (line: OverrideLine) => {
    if (!isForHydra(line)) {
      const key = keyElement(line);
      values.set(
        key,
        valuesOf(line, { options, random }).map((value) => `${key}=${value}`),
      );
    } else if (line.sweep === null) forHydra.push(line.text);
    else refuse(line, "a sweep over the keys of hydra is not possible", "Give it one value.");
  };
  for (const text of overrides) {
    faults.attempt(() => take(parseOverrideLine(text, random)), undefined);
  }
  const lists = [...values.values()];
  const count = lists.reduce((product, list) => product * list.length, 1);
  if (count > maxRuns) {
    const message = `${count} runs are more than ${maxRuns}`;
    throw new ConfigOverrideError(overrides.join(" "), message, "Sweep over fewer values.");
  }
  const start: readonly (readonly string[])[] = [forHydra];
  return lists.reduce((runs, list) => runs.flatMap((run) => list.map((x) => [...run, x])), start);
}

export const isForHydra = ({ key }: Pick<OverrideLine, "key">): boolean =>
  key.startsWith("hydra.") || key.startsWith("hydra/");

const signs = { change: "", add: "+", "force-add": "++", delete: "~" } as const;

function keyElement({ operation, key, package: pkg }: OverrideLine): string {
  return `${signs[operation]}${key}${pkg === null ? "" : `@${pkg}`}`;
}

function valuesOf(
  line: OverrideLine,
  { options, random }: Pick<ExpandOptions, "options" | "random">,
): readonly string[] {
  const { sweep, element, key } = line;
  if (sweep === null) return [element === null ? "null" : elementText(element)];
  try {
    return sweepValues(sweep, { options: () => options(key), random }).map(elementText);
  } catch (error) {
    if (!(error instanceof ElementFault)) throw error;
    return refuse(line, error.message, "A sweep takes a,b,c, choice(), range() or glob().");
  }
}

function refuse({ text }: OverrideLine, message: string, hint: string): never {
  throw new ConfigOverrideError(text, message, hint);
}
