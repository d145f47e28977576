/** What the library says of wrong YAML, and what helps whoever wrote it. */
const sentences: readonly (readonly [RegExp, string])[] = [
  [
    /^Nested mappings are not allowed in compact mappings/,
    "a value and a key in one: keys of a mapping begin at the same column, and text with `: ` in it needs quotes",
  ],
  [/^All mapping items must start/, "keys of one mapping must begin at the same column"],
  [/^Flow sequence .* end with a \]/, "a [ is not closed: expected , or ]"],
  [/^Flow map .* end with a \}/, "a { is not closed: expected , or }"],
  [/^Implicit keys of flow sequence/, "a [ before this is not closed: expected , or ]"],
  [/^Implicit (?:map )?keys need/, "expected `key: value`, with a space behind the colon"],
  [
    /^Unexpected scalar at node end/,
    "text behind a value that has ended: a quote too many, or a line at another column",
  ],
  [
    /^Unexpected flow-(?:map|seq)-start at node end/,
    "a bracket behind a value that has ended: inside of [ ] and { }, ${...} needs quotes",
  ],
  [/^Unexpected flow-(?:map|seq)-end/, "a bracket that closes nothing"],
  [/^Unexpected block-seq-ind/, "a list begins in the line below its key, or stands in [ ]"],
  [/^Missing closing (.)quote/, "the quote $1 is not closed"],
  [/^Plain value cannot start with .* character (.).*/, "text that begins with $1 needs quotes"],
];

/** The library's message in one line, without its picture of the place; the common ones in ours. */
export function sentenceOf(message: string): string {
  const said = (message.split("\n")[0] ?? "").replace(/ at line .*$/, "");
  const [pattern, sentence] = sentences.find(([pattern]) => pattern.test(said)) ?? [];
  return pattern && sentence ? said.replace(new RegExp(`${pattern.source}.*`), sentence) : said;
}
