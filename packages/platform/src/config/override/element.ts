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

/** The text at `position` is not a value; the caller says of what. */
export class ElementFault extends Error {
  readonly position: number;
  constructor(position: number, message: string) {
    super(message);
    this.position = position;
  }
}
