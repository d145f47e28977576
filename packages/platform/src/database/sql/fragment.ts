/** A value that is bound to a parameter; it never becomes part of the text. */
export type BoundValue = string | number | boolean | readonly string[] | readonly number[];

/** What a parameter is, so that an empty list and a whole number have a type as well. */
export type BoundType = "text" | "number" | "integer" | "flag" | "texts" | "numbers";

export interface Bound {
  readonly value: BoundValue;
  readonly type: BoundType;
}

/** A piece of SQL: texts of ours, with values between them. */
export interface Sql {
  readonly parts: readonly (string | Bound)[];
}

/** A statement as a server takes it. */
export interface CompiledSql {
  readonly text: string;
  readonly values: readonly Bound[];
}

/** Puts pieces into a text that stands in the source: no string can come in but by {@link bind}. */
export function sql(texts: TemplateStringsArray, ...pieces: readonly Sql[]): Sql {
  const parts = texts.flatMap((text, i) => [text, ...(pieces[i]?.parts ?? [])]);
  return { parts: parts.filter((part) => part !== "") };
}

export function bind(value: BoundValue, type: BoundType): Sql {
  return { parts: [{ value, type }] };
}

/** A whole number of the program's own, such as the place of a channel, as text. */
export function int(value: number): Sql {
  if (!Number.isSafeInteger(value)) throw new RangeError(`expected a whole number, got ${value}`);
  return { parts: [String(value)] };
}

export function joined(pieces: readonly Sql[], separator: " AND " | ", " | ",\n" | "\n"): Sql {
  return { parts: pieces.flatMap(({ parts }, i) => (i === 0 ? parts : [separator, ...parts])) };
}

/** All of them; TRUE when there is none. */
export function allOf(conditions: readonly Sql[]): Sql {
  if (conditions.length === 0) return sql`TRUE`;
  return joined(
    conditions.map((condition) => sql`(${condition})`),
    " AND ",
  );
}

/** @param parameterMarker - the text of the nth parameter, counted from 1. */
export function compiled(
  { parts }: Sql,
  parameterMarker: (number: number, type: BoundType) => string,
): CompiledSql {
  const values: Bound[] = [];
  const texts = parts.map((part) => {
    if (typeof part === "string") return part;
    values.push(part);
    return parameterMarker(values.length, part.type);
  });
  return { text: texts.join(""), values };
}
