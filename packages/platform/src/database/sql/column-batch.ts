/** Values of a column; which of the three is its {@link ColumnType}. */
export type ColumnArray = Int32Array | Float64Array | readonly (string | null)[];

/** Some rows of a result, by column; every array has `numRows` values. */
export interface ColumnBatch {
  readonly numRows: number;
  readonly columns: Readonly<Record<string, ColumnArray>>;
}

/** Rows that a batch holds at most. */
export const mostBatchRows = 65_536;

export function integers({ columns }: ColumnBatch, name: string): Int32Array {
  const column = columns[name];
  if (column instanceof Int32Array) return column;
  throw new TypeError(`expected whole numbers in the column ${name}`);
}

export function numbers({ columns }: ColumnBatch, name: string): Float64Array {
  const column = columns[name];
  if (column instanceof Float64Array) return column;
  throw new TypeError(`expected numbers in the column ${name}`);
}

export function texts({ columns }: ColumnBatch, name: string): readonly (string | null)[] {
  const column = columns[name];
  if (Array.isArray(column)) return column;
  throw new TypeError(`expected texts in the column ${name}`);
}
