import { CellError } from "../../errors/index.ts";
import { ConfigInvalidError } from "../errors.ts";

/** Does all, and throws what went wrong with any: whoever corrects a config corrects it once. */
export function gathered<T, R>(items: readonly T[], work: (item: T) => R): readonly R[] {
  const faults: CellError[] = [];
  const done = items.flatMap((item) => {
    try {
      return [work(item)];
    } catch (error) {
      if (!(error instanceof CellError)) throw error;
      faults.push(error);
      return [];
    }
  });
  const [first] = faults;
  if (first === undefined) return done;
  const invalid = faults.filter((fault) => fault instanceof ConfigInvalidError);
  if (faults.length === 1 || invalid.length < faults.length) throw first;
  const seen = new Set<string>();
  const problems = invalid
    .flatMap((fault) => fault.problems)
    .filter((problem) => {
      const text = JSON.stringify(problem);
      return !seen.has(text) && seen.add(text);
    });
  throw new ConfigInvalidError(`${faults.length} of the ${items.length} runs`, problems);
}
