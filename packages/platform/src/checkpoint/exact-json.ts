import { CheckpointNumberError } from "./checkpoint-errors.ts";

/**
 * JSON that reads back as it was: JSON.stringify alone would turn NaN and Infinity into null.
 *
 * @throws {@link CheckpointNumberError} with the place of the number that JSON lacks.
 */
export function exactJson(value: unknown): string {
  const found = notFinite(value);
  if (found !== null) throw new CheckpointNumberError(found.path.join("."), found.number);
  return `${JSON.stringify(value, null, 2)}\n`;
}

interface NotFinite {
  readonly number: number;
  readonly path: readonly string[];
}

/** The first number that is NaN or infinite, and the keys that lead to it. */
function notFinite(value: unknown, path: readonly string[] = []): NotFinite | null {
  if (typeof value === "number") return Number.isFinite(value) ? null : { number: value, path };
  if (typeof value !== "object" || value === null) return null;
  for (const [key, part] of Object.entries(value)) {
    const found = notFinite(part, [...path, key]);
    if (found !== null) return found;
  }
  return null;
}
