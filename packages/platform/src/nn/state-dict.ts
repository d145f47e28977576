import { noGrad, type Tensor } from "@cell-observatory/engine";
import { StateDictError } from "./state-dict-error.ts";
import type { StateReport } from "./state-report.ts";

/** Tensors by name, as a checkpoint holds them. */
export type StateDict = ReadonlyMap<string, Tensor>;

/**
 * Copies `given` into `own`, after all of it was compared: either everything fits, or nothing is
 * copied.
 *
 * @throws {@link StateDictError} when a shape or dtype differs, or, if strict, when a name does.
 */
export function loadState(
  own: StateDict,
  given: StateDict,
  { isStrict }: { isStrict: boolean },
): StateReport {
  const report = compareStates(own, given);
  const isSame = report.missing.length === 0 && report.unexpected.length === 0;
  if (report.mismatched.length > 0 || (isStrict && !isSame)) throw new StateDictError(report);
  noGrad(() => {
    for (const [name, tensor] of own) {
      const value = given.get(name);
      if (value !== undefined) tensor.copy_(value);
    }
  });
  return report;
}

function compareStates(own: StateDict, given: StateDict): StateReport {
  return {
    missing: [...own.keys()].filter((name) => !given.has(name)),
    unexpected: [...given.keys()].filter((name) => !own.has(name)),
    mismatched: [...own].flatMap(([name, tensor]) => {
      const value = given.get(name);
      const [expected, actual] = [described(tensor), value && described(value)];
      return actual === undefined || actual === expected ? [] : [{ name, expected, actual }];
    }),
  };
}

function described({ dtype, shape }: Tensor): string {
  return `${dtype} [${shape.join(", ")}]`;
}
