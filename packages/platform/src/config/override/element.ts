import type { Sweep } from "./sweep.ts";

/** A value of an override, as it was written: quotes are remembered, and sweeps are not run. */
export type Element = ScalarElement | ListElement | MapElement;

export interface ScalarElement {
  readonly kind: "scalar";
  readonly value: string | number | boolean | null;
  readonly isFloat?: boolean;
  /** Text in quotes stays in them when it is written again for one run of a sweep. */
  readonly quote?: "'" | '"';
}

export interface ListElement {
  readonly kind: "list";
  readonly items: readonly Element[];
}

export interface MapElement {
  readonly kind: "map";
  readonly entries: readonly (readonly [ScalarElement, Element])[];
}

/** What may stand behind an `=`, and what a function may be given. */
export type ParsedValue = Element | Sweep;

export const isElement = (value: ParsedValue): value is Element =>
  value.kind === "scalar" || value.kind === "list" || value.kind === "map";

/** The text at `position` is not a value; the caller says of what. */
export class ElementFault extends Error {
  readonly position: number;
  constructor(position: number, message: string) {
    super(message);
    this.position = position;
  }
}
