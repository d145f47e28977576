/** Where a value was written: a place in a file, or an override on the command line. */
export type Source =
  | {
      readonly kind: "file";
      readonly path: string;
      /** From 1. */
      readonly line: number;
      /** From 1, in UTF-16 units, as editors count. */
      readonly column: number;
    }
  | { readonly kind: "override"; readonly text: string };

/** "configs/trainer/default.yaml:3:5", or "override trainer.epochs=2". */
export function showSource(source: Source): string {
  return source.kind === "file"
    ? `${source.path}:${source.line}:${source.column}`
    : `override ${source.text}`;
}
