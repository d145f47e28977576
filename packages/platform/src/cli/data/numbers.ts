import { UsageError } from "../usage-error.ts";

/**
 * Numbers in a flag, as in `--cube 1,16,64,64`.
 *
 * @throws {@link UsageError} when there are not as many as there are `names`, or one is not above 0.
 */
export function numbers(text: string, flag: string, names: readonly string[]): readonly number[] {
  const found = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  const isRight = found.length === names.length && found.every((n) => Number.isFinite(n) && n > 0);
  if (isRight) return found;
  const wanted = `--${flag} takes ${names.length} numbers above 0, ${names.join(",")}`;
  throw new UsageError(
    `${wanted}; got "${text}"`,
    `For example --${flag} ${names.map(() => 1).join(",")}`,
  );
}

/** As {@link numbers}, and whole. */
export function wholeNumbers(text: string, flag: string, names: readonly string[]) {
  const found = numbers(text, flag, names);
  if (found.every(Number.isSafeInteger)) return found;
  throw new UsageError(`--${flag} takes whole numbers; got "${text}"`, "Leave out the fractions.");
}
