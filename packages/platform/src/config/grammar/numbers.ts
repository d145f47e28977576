/** A number that was written, or why we cannot hold it. */
export type ReadNumber =
  | { readonly value: number; readonly isFloat: boolean }
  | { readonly fault: string };

/** Digits with underscores: beyond 2^53 we would round, and do not. */
export function readInt(text: string): ReadNumber {
  const value = Number(text.replaceAll("_", ""));
  if (!Number.isSafeInteger(value)) {
    return { fault: `${text} is beyond 2^53, and would be rounded; put it in quotes, or use less` };
  }
  return { value: value === 0 ? 0 : value, isFloat: false };
}

/** Python's floats in text: `1.5`, `.5e-3`, `inf`, `nan`. */
export function readFloat(text: string): ReadNumber {
  const plain = text.replaceAll("_", "").toLowerCase();
  if (plain.endsWith("nan")) return { value: Number.NaN, isFloat: true };
  if (/^[+-]?inf/.test(plain)) {
    return { value: plain.startsWith("-") ? -Infinity : Infinity, isFloat: true };
  }
  const value = Number(plain);
  if (!Number.isFinite(value)) return { fault: `${text} is larger than any number we can hold` };
  if (value === 0 && /[1-9]/.test(plain.split("e")[0] ?? "")) {
    return { fault: `${text} is smaller than any number we can hold, and would become 0` };
  }
  return { value, isFloat: true };
}
