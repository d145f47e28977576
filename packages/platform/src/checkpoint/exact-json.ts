/** JSON that reads back as it was: JSON.stringify alone would turn NaN and Infinity into null. */
export function exactJson(value: unknown): string {
  const check = (key: string, part: unknown) => {
    if (typeof part === "number" && !Number.isFinite(part)) {
      throw new TypeError(
        `expected a finite number at "${key}" of a checkpoint's state, got ${part}`,
      );
    }
    return part;
  };
  return `${JSON.stringify(value, check, 2)}\n`;
}
