/** One line of a `.env` file, or several where a quoted value has line breaks. */
export interface Binding {
  readonly name: string;
  /** null: `NAME` alone, which gives the variable no value. */
  readonly value: string | null;
}

/** What a `.env` file says. */
export interface Dotenv {
  readonly bindings: readonly Binding[];
  /** Lines, from 1, at which something begins that cannot be read. */
  readonly faults: readonly number[];
}

/**
 * Reads a `.env` file as python-dotenv does, which the users' files are written for: `#` begins a
 * comment only after a space, a backslash means something only between quotes, `export` is
 * allowed. `${NAME}` stays as it is written: see `expandVariables`.
 *
 * The packages for Node read other files: `dotenv` cuts an unquoted password at its first `#`, and
 * `dotenv-expand` takes the `$x` in one for a variable.
 *
 * Source: python-dotenv 1.2 `dotenv/parser.py`, and its tests by example (fixtures/dotenv.json).
 */
export function parseDotenv(text: string): Dotenv {
  const bindings: Binding[] = [];
  const faults: number[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    const sticky = new RegExp(pattern.source, "yu");
    sticky.lastIndex = at;
    const match = sticky.exec(text);
    if (match) at = sticky.lastIndex;
    return match;
  };
  while (take(/\s*/) && at < text.length) {
    const start = at;
    const binding = readBinding(text, () => at, take);
    if (binding === null) {
      faults.push(lineAt(text, start));
      take(/[^\r\n]*(?:\r\n|\n|\r)?/);
    } else if (binding.name !== "") bindings.push(binding);
  }
  return { bindings, faults };
}

type Take = (pattern: RegExp) => RegExpExecArray | null;

/** Null for what cannot be read; a comment has no name. */
function readBinding(text: string, at: () => number, take: Take): Binding | null {
  take(/(?:export[^\S\r\n]+)?/);
  const name = readName(text[at()] ?? "", take);
  if (name === null) return null;
  take(/[^\S\r\n]*/);
  const value = take(/=[^\S\r\n]*/) ? readValue(text[at()] ?? "", take) : null;
  if (value === undefined) return null;
  take(/(?:[^\S\r\n]*#[^\r\n]*)?/);
  return take(/[^\S\r\n]*(?:\r\n|\n|\r|$)/) ? { name, value } : null;
}

function readName(first: string, take: Take): string | null {
  if (first === "#") return "";
  const match = first === "'" ? take(/'([^']+)'/) : take(/([^=#\s]+)/);
  return match?.[1] ?? null;
}

/** Undefined for a quote that is not closed. */
function readValue(first: string, take: Take): string | undefined {
  if (first === "'") {
    return take(/'((?:\\'|[^'])*)'/)?.[1]?.replaceAll(/\\([\\'])/g, "$1");
  }
  if (first === '"') {
    return take(/"((?:\\"|[^"])*)"/)?.[1]?.replaceAll(
      /\\([\\'"abfnrtv])/g,
      (_, letter: string) => escapes[letter] ?? letter,
    );
  }
  const unquoted = take(/([^\r\n]*)/)?.[1] ?? "";
  return unquoted.replace(/\s+#.*/, "").trimEnd();
}

const escapes: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

const lineAt = (text: string, index: number) => text.slice(0, index).split(/\r\n|\n|\r/).length;
