import { floatRepr } from "../node/python-text.ts";
import type { Element, ScalarElement } from "./element.ts";

/**
 * An element as an override has it: what one run of a sweep is given. It reads back as the same,
 * but for text that a function saw without its quotes, as in Hydra.
 *
 * Source: Hydra 1.3 `Override._get_value_element_as_str`.
 */
export function elementText(element: Element): string {
  switch (element.kind) {
    case "scalar":
      return scalarText(element);
    case "list":
      return `[${element.items.map(elementText).join(",")}]`;
    case "map": {
      const entries = element.entries.map(([key, value]) =>
        [key, value].map(elementText).join(":"),
      );
      return `{${entries.join(",")}}`;
    }
    default:
      return element satisfies never;
  }
}

function scalarText({ value, isFloat, quote }: ScalarElement): string {
  if (quote !== undefined) return quoted(String(value), quote);
  if (typeof value === "string") return value.replaceAll(/[\\()[\]{}:=, \t]/g, "\\$&");
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value !== "number") return "null";
  return isFloat || !Number.isSafeInteger(value) ? floatRepr(value) : String(value);
}

/** Backslashes before a quote, and before the end, are doubled. */
function quoted(text: string, quote: "'" | '"'): string {
  const doubled = `${text}${quote}`
    .replaceAll(
      new RegExp(`(\\\\+)${quote}`, "g"),
      (_, slashes: string) => slashes + slashes + quote,
    )
    .slice(0, -1);
  return `${quote}${doubled.replaceAll(quote, `\\${quote}`)}${quote}`;
}
