import { Lexer } from "yaml";

/** A word or mark, and whether it holds a tab where PyYAML takes none. */
export interface Lexeme {
  readonly text: string;
  readonly isTabbed: boolean;
}

/**
 * The words and marks of a file as PyYAML cuts it, where the library follows YAML 1.2: in brackets
 * and in quotes a line may begin anywhere, and a tab stands only in quotes, in comments and in blocks
 * of text.
 */
export function* pyyamlLexemes(text: string): Generator<Lexeme> {
  const lexer = new Lexer();
  ignoreIndentInside(lexer);
  let before = "";
  let isBlock = false;
  for (const lexeme of lexer.lex(text)) {
    const isPlain = before === startOfScalar && !isBlock;
    const isQuiet = /^['"#]/.test(lexeme) || (before === startOfScalar && isBlock);
    yield { text: lexeme, isTabbed: lexeme.includes("\t") && (isPlain || !isQuiet) };
    if (before === startOfScalar) isBlock = false;
    else if (/^[|>]/.test(lexeme)) isBlock = true;
    before = lexeme;
  }
}

/** What the library's lexer says before a scalar without quotes and before a block of text. */
const startOfScalar = "\x1f";

/**
 * The library ends a list in brackets, or a quote, at a line that is indented too little; PyYAML
 * reads on. The library has no option for it, nor a way around it: its parser takes lexemes, but the
 * lexer alone says where one ends. So its own fields are set: its version is pinned, and
 * yaml-file.test.ts fails where another has no such fields, or reads otherwise.
 */
function ignoreIndentInside(lexer: Lexer): void {
  let indent = 0;
  let isInQuotes = false;
  Object.defineProperty(lexer, "indentNext", {
    get: () => (isInQuotes || Number(Reflect.get(lexer, "flowLevel")) > 0 ? 0 : indent),
    set: (value: number) => {
      indent = value;
    },
  });
  const quoted = Reflect.get(lexer, "parseQuotedScalar") as () => Generator<string, unknown>;
  Object.defineProperty(lexer, "parseQuotedScalar", {
    *value() {
      isInQuotes = true;
      const next = yield* quoted.call(lexer);
      isInQuotes = false;
      return next;
    },
  });
}
