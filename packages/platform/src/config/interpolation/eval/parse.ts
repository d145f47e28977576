import { didYouMean } from "../../faults/nearest.ts";
import { ResolverFault } from "../resolver-fault.ts";
import { operators } from "./arithmetic.ts";
import { comparisons } from "./comparisons.ts";
import { functions } from "./functions.ts";
import { isTrue, numeric, type Value } from "./value.ts";
import { tokenize, type Word } from "./words.ts";

/** A part of an expression; what is not chosen by `if` or `and` is never computed. */
export type Expression = () => Value;

/** @throws {@link ResolverFault} for text that is none of the language's expressions. */
export function parseExpression(text: string): Expression {
  const parser = new ExpressionParser(tokenize(text));
  return parser.all();
}

/** Operators of two values, the loosest first; all but `**` are taken from the left. */
const levels: readonly (readonly string[])[] = [
  ["|"],
  ["^"],
  ["&"],
  ["<<", ">>"],
  ["+", "-"],
  ["*", "/", "//", "%"],
];

const constants: Readonly<Record<string, Value>> = { True: true, False: false, None: null };

const maxDepth = 64;

class ExpressionParser {
  readonly #words: readonly Word[];
  #at = 0;
  #depth = 0;

  constructor(words: readonly Word[]) {
    this.#words = words;
  }

  all(): Expression {
    const first = this.#expression();
    const value = this.#peek() === "," ? this.#rest(first, null) : first;
    const word = this.#words[this.#at];
    if (word) throw new ResolverFault(`did not expect ${word.text} in an expression`);
    return value;
  }

  #expression(): Expression {
    if (++this.#depth > maxDepth) throw new ResolverFault("an expression is nested too deep");
    const value = this.#or();
    if (!this.#takes("if")) {
      this.#depth -= 1;
      return value;
    }
    const condition = this.#or();
    this.#expect("else");
    const other = this.#expression();
    this.#depth -= 1;
    return () => (isTrue(condition()) ? value() : other());
  }

  #or(): Expression {
    const left = this.#and();
    if (!this.#takes("or")) return left;
    const right = this.#deeper(() => this.#or());
    return () => {
      const value = left();
      return isTrue(value) ? value : right();
    };
  }

  #and(): Expression {
    const left = this.#not();
    if (!this.#takes("and")) return left;
    const right = this.#deeper(() => this.#and());
    return () => {
      const value = left();
      return isTrue(value) ? right() : value;
    };
  }

  #not(): Expression {
    if (!this.#takes("not")) return this.#comparison();
    const value = this.#deeper(() => this.#not());
    return () => !isTrue(value());
  }

  /** `a < b <= c` holds when both do. */
  #comparison(): Expression {
    const first = this.#binary(0);
    const rest: { holds: (a: Value, b: Value) => boolean; value: Expression }[] = [];
    for (;;) {
      const name = this.#comparisonName();
      const holds = name === undefined ? undefined : comparisons[name];
      if (!holds) break;
      rest.push({ holds, value: this.#binary(0) });
    }
    if (rest.length === 0) return first;
    return () => {
      let left = first();
      for (const { holds, value } of rest) {
        const right = value();
        if (!holds(left, right)) return false;
        left = right;
      }
      return true;
    };
  }

  #comparisonName(): string | undefined {
    const word = this.#peek();
    if (word === undefined) return undefined;
    if (word === "not") {
      if (this.#words[this.#at + 1]?.text !== "in") return undefined;
      this.#at += 2;
      return "not in";
    }
    if (!Object.hasOwn(comparisons, word)) return undefined;
    this.#at += 1;
    return word === "is" && this.#takes("not") ? "is not" : word;
  }

  #binary(level: number): Expression {
    const names = levels[level];
    if (!names) return this.#unary();
    let left = this.#binary(level + 1);
    for (;;) {
      const name = this.#peek();
      const act = name !== undefined && names.includes(name) ? operators[name] : undefined;
      if (!act) return left;
      this.#at += 1;
      const [before, right] = [left, this.#binary(level + 1)];
      left = () => act(before(), right());
    }
  }

  #unary(): Expression {
    const sign = this.#peek();
    if (sign !== "-" && sign !== "+" && sign !== "~") return this.#power();
    this.#at += 1;
    const value = this.#deeper(() => this.#unary());
    return () => signed(sign, numeric(value(), sign));
  }

  /** `-2 ** -1` is -(2 ** (-1)). */
  #power(): Expression {
    const base = this.#subscripted();
    if (!this.#takes("**")) return base;
    const exponent = this.#deeper(() => this.#unary());
    return () => operators["**"]?.(base(), exponent()) ?? null;
  }

  #subscripted(): Expression {
    let value = this.#atom();
    while (this.#takes("[")) {
      const [list, index] = [value, this.#expression()];
      this.#expect("]");
      value = () => item(list(), index());
    }
    return value;
  }

  #atom(): Expression {
    const word = this.#words[this.#at++];
    if (!word) throw new ResolverFault("an expression ends too soon");
    if (word.kind === "value") return () => word.value;
    if (word.kind === "name") return this.#named(word.text);
    if (word.text === "(") {
      if (this.#takes(")")) return () => [];
      const first = this.#expression();
      if (this.#peek() === ",") return this.#rest(first, ")");
      this.#expect(")");
      return first;
    }
    if (word.text === "[") return this.#takes("]") ? () => [] : this.#rest(this.#expression(), "]");
    throw new ResolverFault(`did not expect ${word.text} in an expression`);
  }

  /** The other items of a list of which the first is read. */
  #rest(first: Expression, end: string | null): Expression {
    const items = [first];
    while (this.#takes(",")) {
      const isEnd = end === null ? this.#at >= this.#words.length : this.#peek() === end;
      if (isEnd) break;
      items.push(this.#expression());
    }
    if (end !== null) this.#expect(end);
    return () => items.map((one) => one());
  }

  #named(name: string): Expression {
    if (this.#takes("(")) return this.#call(name);
    if (Object.hasOwn(constants, name)) {
      const value = constants[name] ?? null;
      return () => value;
    }
    const known = [...Object.keys(functions).map((one) => `${one}()`), ...Object.keys(constants)];
    const message = `there is no name ${name} in an expression${didYouMean(name, known)}`;
    throw new ResolverFault(`${message}; there are ${known.join(", ")}; text needs quotes`);
  }

  #call(name: string): Expression {
    const known = Object.hasOwn(functions, name) ? functions[name] : undefined;
    if (!known) {
      const names = Object.keys(functions).join(", ");
      throw new ResolverFault(`there is no function ${name} in an expression; there are ${names}`);
    }
    const args: Expression[] = [];
    while (this.#peek() !== ")") {
      args.push(this.#expression());
      if (!this.#takes(",")) break;
    }
    this.#expect(")");
    if (args.length > known.most) throw new ResolverFault(`${name}() takes ${known.most}`);
    return () => known.call(...args.map((arg) => arg()));
  }

  #deeper(read: () => Expression): Expression {
    if (++this.#depth > maxDepth) throw new ResolverFault("an expression is nested too deep");
    const value = read();
    this.#depth -= 1;
    return value;
  }

  #peek(): string | undefined {
    const word = this.#words[this.#at];
    return word?.kind === "value" ? undefined : word?.text;
  }

  #takes(text: string): boolean {
    if (this.#peek() !== text) return false;
    this.#at += 1;
    return true;
  }

  #expect(text: string): void {
    if (this.#takes(text)) return;
    const found = this.#words[this.#at]?.text ?? "the end";
    throw new ResolverFault(`expected ${text} in an expression, got ${found}`);
  }
}

function signed(sign: "+" | "-" | "~", value: bigint | number): Value {
  if (sign === "+") return value;
  if (sign === "-") return -value;
  if (typeof value === "bigint") return ~value;
  throw new ResolverFault("~ needs a whole number");
}

function item(value: Value, index: Value): Value {
  if (typeof value !== "string" && !Array.isArray(value)) {
    throw new ResolverFault("[...] needs a list or text before it");
  }
  const items: readonly Value[] = typeof value === "string" ? [...value] : value;
  const at = numeric(index, "[...]");
  const found = typeof at === "bigint" ? items.at(Number(at)) : undefined;
  if (found !== undefined) return found;
  throw new ResolverFault(`there is no item ${String(at)} of ${items.length}`);
}
