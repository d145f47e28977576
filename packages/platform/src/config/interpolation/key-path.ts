/** A key of an interpolation: how many levels up, and the names from there. */
export interface KeyPath {
  /** 0: from the root; 1: beside this key; 2: beside its parent. */
  readonly numLevelsUp: number;
  readonly names: readonly string[];
}

/** `..a.b[c]` as two levels up and the names a, b, c. */
export function splitKey(key: string): KeyPath {
  const dots = /^\.*/.exec(key)?.[0] ?? "";
  const rest = key.slice(dots.length);
  const [, head = "", tail = ""] = /^([^.[]*)(.*)$/s.exec(rest) ?? [];
  const others = [...tail.matchAll(/\.([^.[]*)|\[(.*?)\]/g)].map(([, a, b]) => a ?? b ?? "");
  const isBracketFirst = head === "" && tail.startsWith("[");
  return { numLevelsUp: dots.length, names: isBracketFirst ? others : [head, ...others] };
}
