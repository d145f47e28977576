import { EventsCorruptError } from "./errors.ts";
import type { Line } from "./lines.ts";

interface EndOfLogOptions {
  readonly path: string;
  /** Whether the row is one that is written again. */
  isRepeated(line: Line): boolean;
}

/**
 * Where the rows begin that are to be written again; null: none is. A row with zero bytes, which a
 * power cut leaves where data had no time to reach the disk, counts as one when no row that stays
 * follows: the rows before a save are on the disk.
 *
 * @throws {@link EventsCorruptError} when a row that is to stay follows one with zero bytes.
 */
export function endOfLog(
  lines: Iterable<Line>,
  { path, isRepeated }: EndOfLogOptions,
): number | null {
  let zeros: Line | null = null;
  for (const line of lines) {
    if (line.text.includes("\0")) zeros ??= line;
    else if (isRepeated(line)) return (zeros ?? line).offset;
    else if (zeros !== null) {
      throw new EventsCorruptError(path, zeros.number, "it has zero bytes, and rows after it");
    }
  }
  return zeros?.offset ?? null;
}
