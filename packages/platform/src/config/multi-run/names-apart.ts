/** Names, with a hash behind each that another run has too: of `of`, which tells the two apart. */
export function namesApart(
  runs: readonly { readonly name: string; readonly of: string | null }[],
  maxLength: number,
): readonly string[] {
  const counts = new Map<string, number>();
  for (const { name } of runs) counts.set(name, (counts.get(name) ?? 0) + 1);
  return runs.map(({ name, of }) =>
    of === null || counts.get(name) === 1 ? name : withHash(name, of, maxLength),
  );
}

/** The name, shortened where it must be, with eight letters that are other ones for other text. */
export function withHash(name: string, of: string, maxLength: number): string {
  const { createHash } = process.getBuiltinModule("node:crypto"); // 3 ms that most starts do without
  const hash = createHash("sha256").update(of).digest("hex").slice(0, 8);
  return `${name.slice(0, maxLength - hash.length - 1)}-${hash}`;
}
