/** Override lines that must be refused. */
export const hostileLines: readonly (readonly [string, string])[] = [
  ["a prototype in an override", "+a.__proto__.b=1"],
  ["a prototype by force", "++__proto__.polluted=1"],
  ["a constructor in an override", "++a.constructor.prototype.x=1"],
  ["a prototype in a value", "a={__proto__: {x: 1}}"],
  ["a prototype deep in a value", "++z=[{a: {__proto__: {x: 1}}}]"],
  ["deep lists in a value", `++z=${"[".repeat(10_000)}`],
  ["deep mappings in a value", `++z=${"{a:".repeat(10_000)}`],
  ["deep calls in a value", `++z=${"int(".repeat(10_000)}1`],
  ["a deep path", `++${"a.".repeat(5000)}a=1`],
  ["an unclosed quote of 100,000", `++z='${"\\\\".repeat(50_000)}`],
  ["a long key", `++${"a".repeat(100_000)}#=1`],
  ["a number of 100,000 digits", `++z=${"9".repeat(100_000)}`],
  ["deep references", `++z=${"${".repeat(10_000)}`],
  ["deep resolvers", `++z='${"${oc.env:X,".repeat(5000)}'`],
  ["a reference without its end", `++z='\${${"a.".repeat(50_000)}'`],
  ["an expression that explodes", "++z=${eval:'9**9**9**9'}"],
  ["a text that explodes", "++z=${eval:'\"a\"*10**12'}"],
  ["a deep expression", `++z='\${eval:"${"(".repeat(5000)}"}'`],
  ["Python in an expression", "++z=${eval:'__import__(\"os\")'}"],
  ["a resolver that there is not", "++z=${js:process}"],
  ["2^53 + 1", "c=9007199254740993"],
  ["1e309", "c=1e309"],
  ["1e-400", "c=1e-400"],
  ["an int() beyond 2^53", "c=int(9.1e15)"],
];

/** Command lines of -m that must be refused before they are expanded. */
export const hostileSweeps: readonly (readonly [string, string])[] = [
  ["a range of a billion", "a=range(0,1000000000)"],
  ["a range without end", "a=range(0,1,0)"],
  ["a range to infinity", "a=range(0,inf)"],
  ["a range of tiny steps", "a=range(0,1,1e-300)"],
  ["a glob of stars", `a=glob(${"*a".repeat(2000)},exclude=[)`],
];

const many = (count: number, line: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i)).join("\n");

/** Folders that must be refused. */
export const hostileTrees: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  [
    "lists in a circle",
    {
      "config.yaml": "defaults:\n  - a\n",
      "a.yaml": "defaults:\n  - b\n",
      "b.yaml": "defaults:\n  - a\n",
    },
  ],
  ["a list that names itself", { "config.yaml": "defaults:\n  - config\n" }],
  ["a list that leaves its folder", { "config.yaml": "defaults:\n  - ../../etc/passwd\n" }],
  ["a list of an absolute path", { "config.yaml": "defaults:\n  - //etc/passwd\n" }],
  ["references in a circle", { "config.yaml": "a: ${b}\nb: ${c}\nc: ${a}\n" }],
  ["a mapping that holds itself", { "config.yaml": "a: {b: '${a}'}\n" }],
  [
    "references that multiply",
    {
      "config.yaml": many(
        8,
        (i) =>
          `l${i}: [${Array(9)
            .fill(i === 0 ? "x" : `"\${l${i - 1}}"`)
            .join(", ")}]`,
      ),
    },
  ],
  [
    "text that multiplies",
    {
      "config.yaml": many(
        30,
        (i) => `l${i}: "${i === 0 ? "xxxxxxxxxx" : `\${l${i - 1}}\${l${i - 1}}`}"`,
      ),
    },
  ],
  ["a long chain of references", { "config.yaml": many(3000, (i) => `k${i}: \${k${i + 1}}`) }],
  [
    "lists that fan out",
    Object.fromEntries([
      ["config.yaml", "defaults: [c0/a, c0/b]\n"],
      ...Array.from({ length: 30 }, (_, i) =>
        ["a", "b"].map((x) => [`c${i}/${x}.yaml`, `defaults: [/c${i + 1}/a, /c${i + 1}/b]\n`]),
      ).flat(),
      ["c30/a.yaml", "x: 1\n"],
      ["c30/b.yaml", "y: 1\n"],
    ]),
  ],
  [
    "a prototype as a package",
    { "config.yaml": "defaults:\n  - g@__proto__: a\n", "g/a.yaml": "x: 1\n" },
  ],
  [
    "a prototype as a header",
    { "config.yaml": "defaults:\n  - g: a\n", "g/a.yaml": "# @package __proto__\nx: 1\n" },
  ],
];
