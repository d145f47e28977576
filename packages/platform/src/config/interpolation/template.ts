import type { Token } from "../grammar/value-tokens.ts";

/** A string with `${...}` in it: literal text and references, in turns. */
export type Template = readonly (string | Reference)[];

/** `${a.b}`, `${..x}` or `${oc.env:NAME,default}`. */
export type Reference = KeyReference | ResolverCall;

export interface KeyReference {
  readonly kind: "key";
  /** Dots, brackets and names, in turns; a whole name may be a reference: `${a.${b}}`. */
  readonly parts: Template;
  readonly text: string;
}

export interface ResolverCall {
  readonly kind: "call";
  readonly name: Template;
  readonly arguments: readonly Argument[];
  readonly text: string;
}

/** What a resolver is given. */
export type Argument =
  | { readonly kind: "quoted"; readonly template: Template }
  | { readonly kind: "primitive"; readonly parts: readonly (Token | Reference)[] }
  | { readonly kind: "list"; readonly items: readonly Argument[] }
  | { readonly kind: "map"; readonly entries: readonly (readonly [readonly Token[], Argument])[] };

/** Text that looks like an interpolation and is none. */
export class TemplateFault extends Error {}

export const hasReference = (text: string): boolean => text.includes("${");
