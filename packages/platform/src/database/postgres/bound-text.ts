import type { Bound, BoundValue } from "../sql/fragment.ts";

/** A value as the server reads it in a parameter; it is never part of a statement. */
export function boundText({ value }: Bound): string {
  if (!isList(value)) return String(value);
  const items: readonly (string | number)[] = value;
  return `{${items.map((item) => (typeof item === "number" ? item : quoted(item))).join(",")}}`;
}

const isList = (value: BoundValue): value is readonly string[] | readonly number[] =>
  Array.isArray(value);

/** Source: PostgreSQL's manual, "Arrays", "Array Input and Output Syntax". */
const quoted = (text: string) => `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
