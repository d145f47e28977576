/**
 * JSON on one line. Numbers that JSON lacks are written as Python's json writes and reads them (NaN,
 * Infinity, -Infinity): as null they would silently be another value.
 */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value, (_, part) =>
    typeof part === "number" && !Number.isFinite(part) ? `${mark}${part}` : part,
  );
  return text.replace(marked, "$1");
}

/** Private use: no text of ours begins so, and JSON leaves it as it is. */
const mark = "\u{f8ff}number ";
const marked = new RegExp(`"${mark}(NaN|-?Infinity)"`, "g");
