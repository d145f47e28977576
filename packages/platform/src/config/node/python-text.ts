import { isFloat, keyText, type Node, type ScalarNode } from "./node.ts";

/** A value between text, as Python's `str` writes it: users have names with True, None and 1e-05. */
export function pythonStr(node: Node): string {
  return node.kind === "scalar" && typeof node.value === "string" ? node.value : pythonRepr(node);
}

/** A value as Python's `repr` writes it; inside containers text has quotes. */
export function pythonRepr(node: Node): string {
  switch (node.kind) {
    case "scalar":
      return scalarRepr(node);
    case "list":
      return `[${node.items.map(pythonRepr).join(", ")}]`;
    case "map": {
      const entries = [...node.entries].map(([key, { node: child }]) => {
        const isText = keyText(key) === key;
        return `${isText ? textRepr(key) : capitalized(keyText(key))}: ${pythonRepr(child)}`;
      });
      return `{${entries.join(", ")}}`;
    }
    default:
      return node satisfies never;
  }
}

function scalarRepr(node: ScalarNode): string {
  const { value } = node;
  if (typeof value === "string") return textRepr(value);
  if (typeof value === "number") return isFloat(node) ? floatRepr(value) : String(value);
  return value === null ? "None" : capitalized(String(value));
}

/** `true` is `True`; digits stay as they are. */
const capitalized = (text: string) => text.replace(/^[a-z]/, (letter) => letter.toUpperCase());

/** The shortest digits that read back, with a point or an exponent of at least two digits. */
export function floatRepr(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  if (Object.is(value, -0)) return "-0.0";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  }
  const text = String(value);
  return text.includes(".") ? text : `${text}.0`;
}

function textRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text
    .replaceAll("\\", "\\\\")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r")
    .replaceAll("\t", "\\t");
  return `${quote}${quote === "'" ? escaped.replaceAll("'", "\\'") : escaped}${quote}`;
}
