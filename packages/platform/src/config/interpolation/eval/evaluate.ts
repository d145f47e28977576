import type { Node, ScalarNode } from "../../node/node.ts";
import type { Source } from "../../node/source.ts";
import { ResolverFault } from "../resolver-fault.ts";
import { parseExpression } from "./parse.ts";
import type { Value } from "./value.ts";

/**
 * What `${eval:'...'}` makes of its text: numbers, text, lists, comparisons, `and`, `or`, `not`,
 * `x if c else y`, and a short list of functions, with the results that Python gives.
 *
 * The reference platform hands the text to Python's `eval`, which can do anything; here there is no
 * name that leads anywhere else, no attribute, no call but of those functions, and no loop.
 *
 * @throws {@link ResolverFault} for everything else.
 */
export function evaluate(expression: string, source: Source): Node {
  if (expression.length > maxLength) {
    throw new ResolverFault(`an expression of ${expression.length} characters is refused`);
  }
  return asNode(parseExpression(expression)(), source);
}

const maxLength = 10_000;

function asNode(value: Value, source: Source): Node {
  if (typeof value === "object" && value !== null) {
    return { kind: "list", items: value.map((item) => asNode(item, source)), source };
  }
  if (typeof value === "number") return { kind: "scalar", value, isFloat: true, source };
  if (typeof value !== "bigint") return { kind: "scalar", value, source } satisfies ScalarNode;
  const number = Number(value);
  if (Number.isSafeInteger(number)) return { kind: "scalar", value: number, source };
  throw new ResolverFault(`${value} is beyond 2^53, and would be rounded`);
}
