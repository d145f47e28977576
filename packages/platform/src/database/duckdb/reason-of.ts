const [mostBefore, mostBehind] = [1500, 300];

/** What DuckDB says, which may quote a value of any length; of a long one the middle is left out. */
export function reasonOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  if (text.length <= mostBefore + mostBehind) return text;
  return `${text.slice(0, mostBefore)} ... ${text.slice(-mostBehind)}`;
}
