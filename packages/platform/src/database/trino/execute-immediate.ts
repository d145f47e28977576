import type { Bound, BoundType, CompiledSql } from "../sql/fragment.ts";

/**
 * A statement with the values of its parameters, as Trino's protocol takes them: the statement and
 * each value are literals of their own, so no value can become a part of the statement.
 *
 * Source: Trino 435's manual, "EXECUTE IMMEDIATE", "Literals"; a text has no escapes but `''`.
 */
export function executeImmediate({ text, values }: CompiledSql): string {
  if (values.length === 0) return text;
  return `EXECUTE IMMEDIATE ${quoted(text)} USING ${values.map(literal).join(", ")}`;
}

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** With its type: the server could not tell it. */
const literals: Readonly<Record<BoundType, (value: unknown) => string>> = {
  text: (value) => quoted(String(value)),
  number: (value) => `DOUBLE ${quoted(String(Number(value)))}`,
  integer: (value) => `BIGINT ${quoted(BigInt(Number(value)).toString())}`,
  flag: (value) => (value === true ? "TRUE" : "FALSE"),
  texts: (value) => list(value, "VARCHAR"),
  numbers: (value) => list(value, "DOUBLE"),
};

const literal = ({ value, type }: Bound) => literals[type](value);

/** By way of JSON: ARRAY[...] takes 254 items at most. */
const list = (value: unknown, type: "VARCHAR" | "DOUBLE") =>
  `CAST(json_parse(${quoted(JSON.stringify(value))}) AS ARRAY(${type}))`;
