import type { Element } from "./element.ts";
import type { Sweep } from "./sweep.ts";

/** What may stand behind an `=`, and what a function may be given. */
export type ParsedValue = Element | Sweep;

export const isElement = (value: ParsedValue): value is Element =>
  value.kind === "scalar" || value.kind === "list" || value.kind === "map";

/** What stands between the parentheses of a function. */
export interface Arguments {
  readonly positional: readonly ParsedValue[];
  readonly named: ReadonlyMap<string, ParsedValue>;
}
