import { hideSecrets } from "../../secrets/index.ts";
import { type Node, toPlain } from "./node.ts";

/** A value as a message shows it: as JSON, not too long, and without what is secret. */
export function shortText(node: Node): string {
  const shown = hideSecrets(toPlain(node)); // half of a secret could not be told any more
  const text = JSON.stringify(shown, (_, value) =>
    typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
  );
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
