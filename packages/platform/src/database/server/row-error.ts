/** A row that is not what the statement asked for. Asked again, it would be no better. */
export class RowError extends Error {
  override readonly name = "RowError";
}
