import { Composer, type Document, type LineCounter, Parser } from "yaml";
import { ConfigYamlError } from "../faults/errors.ts";
import type { Source } from "../node/source.ts";
import { pyyamlLexemes } from "./pyyaml-lexemes.ts";
import { sentenceOf } from "./yaml-sentences.ts";

/** What a config file may be at most; far above any that people write. */
const limits = { bytes: 256 * 1024, items: 10_000, lexemes: 20_000 };
export const maxDepth = 64;

/** The place of a character in the file. */
export type At = (offset: number) => Source;

/**
 * The one document of a file, cut as PyYAML cuts it; undefined where there is none.
 *
 * @throws {@link ConfigYamlError} for two, for what is no YAML, and for what is too much of it.
 */
export function parseDocument(
  text: string,
  lines: LineCounter,
  at: At,
): Document.Parsed | undefined {
  if (text.length > limits.bytes) {
    const size = `${text.length} characters, which is more than ${limits.bytes}`;
    throw new ConfigYamlError(at(0), `a config file of ${size} is refused`);
  }
  const items = countItems(text);
  if (items > limits.items) {
    const size = `${items} lines and commas, which is more than ${limits.items}`;
    throw new ConfigYamlError(at(0), `a config file of ${size}, is refused`);
  }
  const wrong = refusedCharacter.exec(text);
  if (wrong) {
    lines.addNewLine(0);
    for (let i = text.indexOf("\n"); i >= 0 && i < wrong.index; i = text.indexOf("\n", i + 1)) {
      lines.addNewLine(i + 1); // nothing has been read so far, so no line is known
    }
    throw new ConfigYamlError(at(wrong.index), characterFault(wrong[0]));
  }
  const composer = new Composer({ schema: "failsafe", uniqueKeys: false });
  const [first, second] = composer.compose(tokens(text, lines, at), false, text.length);
  const error = first?.errors[0];
  if (error) throw new ConfigYamlError(at(error.pos[0]), sentenceOf(error.message));
  if (second) throw new ConfigYamlError(at(second.range[0]), "expected one document, found two");
  return first;
}

/** What PyYAML refuses; and what it takes for the end of a line, where nobody sees one. */
const refusedCharacter = /[^\t\n\r -~\u00a0-\u2027\u202a-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

function characterFault(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  const name = code === "0000" ? "a NUL character" : `the character U+${code}`;
  return `${name} cannot be in a config; in double quotes it is written \\u${code}`;
}

/** Known at once, so that a file of a hundred thousand lines is refused before it is read. */
function countItems(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 10 || code === 13 || code === 44) count += 1;
  }
  return count;
}

/** Stops at the first token that is too deep: the parser would only fall over it later. */
function* tokens(text: string, lines: LineCounter, at: At) {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  let count = 0;
  for (const lexeme of pyyamlLexemes(text)) {
    if (lexeme.isTabbed) {
      const message = "a tab can stand in quotes, comments and blocks of text alone; use spaces";
      throw new ConfigYamlError(at(parser.offset + lexeme.text.indexOf("\t")), message);
    }
    yield* parser.next(lexeme.text);
    // the stack holds the document, and two entries for a scalar at the end
    if (parser.stack.length > maxDepth + 3) {
      throw new ConfigYamlError(at(parser.offset), `nested deeper than ${maxDepth} levels`);
    }
    if (++count > limits.lexemes) {
      throw new ConfigYamlError(at(parser.offset), `more than ${limits.lexemes} words and marks`);
    }
  }
  yield* parser.end();
}
