/** The server ended a query, and says why. */
export class TrinoQueryError extends Error {
  readonly errorName: string;
  /** USER_ERROR, INTERNAL_ERROR, INSUFFICIENT_RESOURCES or EXTERNAL. */
  readonly errorType: string;

  constructor(error: { message: string; errorName?: string | undefined; errorType: string }) {
    super(error.message);
    this.errorName = error.errorName ?? "";
    this.errorType = error.errorType;
  }
}

/** An answer that is not one of the protocol: a gateway's page, a page cut short. */
export class TrinoAnswerError extends Error {
  /** The status of HTTP; 0 when none came. */
  readonly status: number;

  constructor(message: string, status: number, cause?: unknown) {
    super(message, { cause });
    this.status = status;
  }
}

/** The page is asked for again; the server keeps it until the next one is asked for. */
export const canRetryPage = (error: unknown) =>
  error instanceof TrinoAnswerError && [0, 200, 429, 502, 503, 504].includes(error.status);

/**
 * The whole query is asked again: the server lost it (a restart, another coordinator behind the
 * same name), or had no room for it, or its parts failed.
 */
export function canRetryQuery(error: unknown): boolean {
  if (error instanceof TrinoAnswerError) return ![400, 401, 403].includes(error.status);
  if (!(error instanceof TrinoQueryError)) return false;
  if (/^(?:EXCEEDED_TIME_LIMIT|EXCEEDED_CPU_LIMIT|.*CANCELED.*)$/.test(error.errorName))
    return false;
  return error.errorType !== "USER_ERROR";
}

/**
 * What Trino says of a value that is none of its type: a text that is no number, JSON that is none.
 *
 * Source: Trino 435, core/trino-spi, StandardErrorCode.java.
 */
export const ofRows: ReadonlySet<string> = new Set([
  "INVALID_CAST_ARGUMENT",
  "INVALID_FUNCTION_ARGUMENT",
  "NUMERIC_VALUE_OUT_OF_RANGE",
  "DIVISION_BY_ZERO",
]);
