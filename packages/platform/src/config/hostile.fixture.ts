/** A file that is made to hurt its reader, and what must be said of it. */
export interface HostileFile {
  readonly what: string;
  readonly text: string;
  readonly message: RegExp;
}

const aliasBomb = Array.from(
  { length: 9 },
  (_, i) =>
    `a${i}: &a${i} [${Array(9)
      .fill(i === 0 ? "x" : `*a${i - 1}`)
      .join(", ")}]`,
).join("\n");

const many = (count: number, item: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => item(i)).join(", ");

const lines = (count: number, line: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i)).join("\n");

/** Scenarios R22 and R23 of docs: each is refused with its place before anything is built of it. */
export function hostileFiles(): readonly HostileFile[] {
  const place = /x\.yaml:\d+:\d+: /;
  return [
    ["an alias bomb", aliasBomb, /x\.yaml:\d+:\d+: aliases expand to more than 20000 values/],
    ["an alias that holds itself", "a: &a [*a]\n", /x\.yaml:1:8: the alias \*a stands inside/],
    [
      "an alias in its own key",
      "a: &a {b: {c: *a}}\n",
      /x\.yaml:1:15: the alias \*a stands inside/,
    ],
    ["20,000 nested lists", `a: ${"[".repeat(20_000)}`, /x\.yaml:1:\d+: nested deeper than 64/],
    [
      "20,000 nested mappings",
      `a: ${"{a: ".repeat(20_000)}`,
      /x\.yaml:1:\d+: nested deeper than 64/,
    ],
    ["20,000 nested dashes", `${"- ".repeat(20_000)}x`, /x\.yaml:1:\d+: nested deeper than 64/],
    ["20,000 nested keys", "? ".repeat(20_000), /x\.yaml:1:\d+: nested deeper than 64/],
    [
      "a staircase",
      lines(500, (i) => `${" ".repeat(i)}a:`),
      /x\.yaml:\d+:\d+: nested deeper than 64/,
    ],
    [
      "aliases that deepen",
      lines(80, (i) => `a${i}: &a${i} [${i === 0 ? "x" : `*a${i - 1}`}]`),
      /x\.yaml:6\d:\d+: nested deeper/,
    ],
    ["a file of 50 MB", `a: ${"x".repeat(50 * 2 ** 20)}`, /x\.yaml:1:1: a config file of 52428803/],
    ["a file of a megabyte", `a: ${"x".repeat(2 ** 20)}`, /x\.yaml:1:1: a config file of 1048579/],
    [
      "14,000 keys",
      lines(14_000, (i) => `key_${i}: ${i}`),
      /x\.yaml:1:1: a config file of 13999 lines/,
    ],
    [
      "100,000 words",
      `a: [${"1,".repeat(100_000)}1]`,
      /x\.yaml:1:1: a config file of 100000 lines/,
    ],
    ["250,000 empty lines", "\n".repeat(250_000), /x\.yaml:1:1: a config file of 250000 lines/],
    ["120,000 comments", "#\n".repeat(120_000), /x\.yaml:1:1: a config file of 120000 lines/],
    ["60,000 tags", `a: ${"!x ".repeat(60_000)}`, /more than 20000 words and marks/],
    ["9,000 documents", "---\n".repeat(9_000), /expected one document, found two/],
    [
      "keys without values",
      lines(9_000, (i) => `k${i}: {a: {b: }}`),
      /more than 20000 words and marks/,
    ],
    [
      "a storm of merge keys",
      `${aliasBomb}\nb:\n  <<: [${Array(9).fill("*a8").join(", ")}]\n`,
      /aliases/,
    ],
    [
      "merge keys of long mappings",
      `x: &x {${many(1000, (i) => `k${i}: 1`)}}\n${lines(200, (i) => `m${i}: {<<: [*x, *x, *x]}`)}`,
      /aliases/,
    ],
    ["a key given twice", "a: 1\nb: 2\na: 3\n", /x\.yaml:3:1: the key a is given twice/],
    ["a key given twice below", "a: {b: 1, b: 2}\n", /x\.yaml:1:11: the key b is given twice/],
    ["the key __proto__", "a:\n  __proto__: {x: 1}\n", /x\.yaml:2:3: the key __proto__ is refused/],
    ["the key constructor", "constructor: 1\n", /x\.yaml:1:1: the key constructor is refused/],
    ["the key prototype", "a: {prototype: 1}\n", /x\.yaml:1:5: the key prototype is refused/],
    [
      "__proto__ by a merge key",
      "a: &a {'__proto__': {x: 1}}\nb: {<<: *a}\n",
      /__proto__ is refused/,
    ],
    ["a tab for indentation", "a:\n\tb: 1\n", /x\.yaml:2:\d+: /],
    ["a NUL", "a: 1\nb: \0\n", /x\.yaml:2:4: a NUL character/],
    ["a tag of JavaScript", "a: !!js/function 'x'\n", /x\.yaml:1:\d+: the tag .* is refused/],
    ["a tag of Python", "a: !!python/object:os.system x\n", /x\.yaml:1:\d+: the tag .* is refused/],
    [
      "a tag of Python's on a list",
      "a: !!python/object/apply:os.system [x]\n",
      /the tag .* is refused/,
    ],
    ["a tag of its own", "a: !mine {b: 1}\n", /x\.yaml:1:\d+: the tag !mine is refused/],
    ["two documents", "a: 1\n---\nb: 1\n", /x\.yaml:2:\d+: expected one document, found two/],
    ["an unclosed quote", "a: 'x\n", place],
    ["an unclosed list", "a: [1\nb: 2\n", place],
    ["an unknown alias", "a: *b\n", /x\.yaml:1:4: no anchor &b before this alias/],
    ["a null key", "a: {null: 1}\n", /x\.yaml:1:5: null is no key/],
    ["a mapping for a key", "? {a: 1}\n: 2\n", /expected a key that is a single word/],
    ["2^53 + 1", "a: 9007199254740993\n", /x\.yaml:1:4: 9007199254740993 is beyond 2\^53/],
    ["2^53 as a key", "9007199254740993: a\n", /x\.yaml:1:1: 9007199254740993 is beyond 2\^53/],
    ["a hexadecimal of 17 digits", "a: 0x1FFFFFFFFFFFFFFFF\n", /is beyond 2\^53/],
    [
      "a number of 250,000 digits",
      `a: ${"1".repeat(250_000)}\n`,
      /x\.yaml:1:4: a number of 250000/,
    ],
    ["a time of 80,000 parts", `a: 1${":51".repeat(80_000)}\n`, /x\.yaml:1:4: a number of 240001/],
    ["1e309", "a: 1e309\n", /x\.yaml:1:4: 1e309 is larger than any number/],
    ["1e-400", "a: 1.0e-400\n", /is smaller than any number/],
  ].map(([what, text, message]) => ({ what, text, message }) as HostileFile);
}
