import { engine, type Opaque } from "./binding.ts";
import { EngineArgumentError, UncheckedOperatorError } from "./errors.ts";
import { argumentReader, resultMaker } from "./op-values.ts";
import type { OperatorTypes } from "./ops.gen.ts";
import { whyUnchecked } from "./unchecked-operators.ts";

/** The name of any operator of libtorch, or of ours, with its overload. */
export type OperatorName = keyof OperatorTypes;
export type { Opaque };

type AnyOperator = (...args: readonly unknown[]) => unknown;

const found = new Map<string, AnyOperator>();
/** Those of them that `op` may give. */
const checked = new Map<string, AnyOperator>();

/**
 * Any operator by name: `op("aten::add.Tensor")(x, y, 2)`.
 *
 * Arguments come in the schema's order, all of them by position; undefined is the default. Several
 * results come as an array. What an operator writes to, and returns, is the same object.
 *
 * @throws {@link EngineError} when no operator has the name, {@link UncheckedOperatorError} for one
 *   that could end the process: see {@link uncheckedOp}.
 */
export function op<Name extends OperatorName>(name: Name): OperatorTypes[Name] {
  let operator = checked.get(name);
  if (operator === undefined) {
    operator = lookUp(name); // first, so that a name that there is not is said to be so
    const reason = whyUnchecked(name);
    if (reason !== undefined) throw new UncheckedOperatorError(name, reason);
    checked.set(name, operator);
  }
  return operator as OperatorTypes[Name];
}

/**
 * As {@link op}, for operators that trust their caller too: PyTorch's internal ones, backward
 * passes, backends, collectives. Wrong arguments may end the process.
 */
export function uncheckedOp<Name extends OperatorName>(name: Name): OperatorTypes[Name] {
  return lookUp(name) as OperatorTypes[Name];
}

function lookUp(name: string): AnyOperator {
  let operator = found.get(name);
  if (operator === undefined) {
    operator = makeOperator(name);
    found.set(name, operator);
  }
  return operator;
}

function makeOperator(name: string): AnyOperator {
  const native = engine().operator(name);
  const { names, inputs, outputs } = engine().operatorTypes(name);
  const readers = inputs.map((type, i) => argumentReader(type, `${name}: ${names[i]}`));
  const makers = outputs.map(resultMaker);
  const [makeFirst] = makers;
  return (...args) => {
    if (args.length > readers.length) {
      const message = `expected at most ${readers.length} arguments, got ${args.length}`;
      throw new EngineArgumentError(name, message, []);
    }
    const result = native(...args.map((value, i) => readers[i]?.(value)));
    if (makers.length === 1) return makeFirst?.(result, args);
    return Array.isArray(result) ? result.map((part, i) => makers[i]?.(part, args)) : undefined;
  };
}
