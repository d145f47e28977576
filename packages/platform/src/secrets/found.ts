/** A piece of a text, and what is put in its place. */
export interface Found {
  readonly index: number;
  readonly whole: string;
  readonly shown: string;
}

type Find = (text: string) => readonly Found[];

/** What one of `finds` has put into a text, none behind it changes any more. */
export function replaceFound(text: string, finds: readonly Find[]): string {
  const [find, ...behind] = finds;
  if (find === undefined || text === "") return text;
  let end = 0;
  let shown = "";
  for (const found of find(text)) {
    shown += replaceFound(text.slice(end, found.index), behind) + found.shown;
    end = found.index + found.whole.length;
  }
  return shown + replaceFound(text.slice(end), behind);
}

/** All matches of a pattern, each shown as its name. */
export const findAll = (text: string, pattern: RegExp, shown: string): readonly Found[] =>
  [...text.matchAll(pattern)].map(({ 0: whole, index }) => ({ index, whole, shown }));
