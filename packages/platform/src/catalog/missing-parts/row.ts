/** A key that asks for something that is not there, and the sentence that says what. */
export type Row = readonly [key: string, isAsked: boolean, sentence: string];

type Table = Readonly<Record<string, unknown>>;

export const isIn = (table: Table, name: string): boolean => Object.hasOwn(table, name);

/** "adamw, adamw_torch": what there is in place of what is not. */
export const namesOf = (table: Table): string => Object.keys(table).join(", ");

/** A list or a mapping with something in it. */
export const isFilled = (value: object | null | undefined): boolean =>
  value !== undefined && value !== null && Object.keys(value).length > 0;
