import type { Answer, HydraCase } from "./hydra-case.fixture.ts";
import {
  areKeysOfPython,
  arePackageWordsKeys,
  areReferencesInText,
  isWithinOurs,
  type Values,
} from "./known-effects.ts";

/** What we do otherwise than Hydra on purpose. The live comparison and the fixture's test read it. */
interface Difference {
  readonly name: string;
  readonly reason: string;
  /** Whether it explains why two answers are not the same. */
  readonly applies: (found: Found) => boolean;
  /** A case in which it shows; the live comparison fails when it does not any more. */
  readonly example: Omit<HydraCase, "folder" | "title">;
}

interface Found {
  readonly one: Omit<HydraCase, "folder">;
  /** The files of the case, where they are at hand. */
  readonly texts: string;
  /** Our refusal; "" where we compose. */
  readonly ours: string;
  /** Hydra's; "" where it composes. */
  readonly theirs: string;
  /** What both have composed; undefined where one has refused. */
  readonly values: Values | undefined;
}

const refusedBy =
  (pattern: RegExp) =>
  ({ theirs, ours }: Found) =>
    theirs === "" && pattern.test(ours);

/** Both compose, and what they compose differs by just that. */
const bothWith =
  (isEffect: (values: Values) => boolean) =>
  ({ values }: Found) =>
    values !== undefined && isEffect(values);

const oneFile = (text: string, ...overrides: string[]) => ({
  files: { "config.yaml": text },
  name: "config",
  overrides,
});

export const differences: readonly Difference[] = [
  {
    name: "a number that would be rounded or lost is refused",
    reason: "JavaScript's numbers are doubles: 2^53 + 1, 1e309 and 1e-400 would change silently.",
    applies: refusedBy(/beyond 2\^53|is larger than any number|is smaller than any number/),
    example: oneFile("a: 9007199254740993\n"),
  },
  {
    name: "files that are too big, too deep, or expand to too much are refused",
    reason:
      "256 KiB, 10,000 lines and commas, 64 levels and 20,000 values are far above what people write.",
    applies: refusedBy(
      /nested deeper than|a config file of|more than \d+ (?:words|values|configs)|expand to/,
    ),
    example: oneFile(`a: ${"[".repeat(70)}${"]".repeat(70)}\n`),
  },
  {
    name: "the keys __proto__, constructor and prototype are refused",
    reason: "They have a meaning in JavaScript, and no config needs them.",
    applies: refusedBy(/(?:__proto__|constructor|prototype) is refused/),
    example: oneFile("a: {__proto__: 1}\n"),
  },
  {
    name: "two keys that Python takes for one are refused",
    reason: "`yes: 1` and `on: 2` are both True; PyYAML keeps the last and says nothing.",
    applies: refusedBy(/the key \S+ is given twice/),
    example: oneFile("a: {yes: 1, on: 2}\n"),
  },
  {
    name: "true and 1 are two keys",
    reason: "In Python they are one key, with the name of the first and the value of the last.",
    // the one that Python drops may be what we refuse
    applies: (found) =>
      bothWith(areKeysOfPython)(found) ||
      refusedBy(/\boverride .*(?:\btrue\s*:.*\b1\s*:|\b1\s*:.*\btrue\s*:)/s)(found),
    example: oneFile("a: 1\n", "a={true: x, 1: y}"),
  },
  {
    name: "oc.dict.values inside text prints the values",
    reason: "OmegaConf prints the references that it makes of them: ['${a.b}', '${a.c}'].",
    applies: bothWith(areReferencesInText),
    example: oneFile("a: {b: 1}\nc: 'x${oc.dict.values:a}'\n"),
  },
  {
    name: "a key of ${hydra:} that is not there is refused",
    reason: "In Hydra it is null; a wrong key is to be found before anything starts.",
    applies: refusedBy(/hydra has no /),
    example: oneFile("a: ${hydra:runtme.cwd}\n"),
  },
  {
    name: "options of known plugins compose without the plugin",
    reason: "Configs choose launchers, sweepers and loggers of Python; here they have no effect.",
    applies: ({ ours, theirs }) =>
      ours === "" && /^MissingConfig.*\/(?:submitit|optuna|joblib|colorlog)/.test(theirs),
    example: oneFile("defaults:\n  - _self_\n  - override hydra/launcher: submitit_slurm\na: 1\n"),
  },
  {
    name: "a folder of hydra.searchpath that is not there is refused",
    reason: "Hydra warns and goes on, with the options of other folders.",
    applies: refusedBy(/expected a folder of configs at/),
    example: oneFile("hydra:\n  searchpath: [nowhere]\na: 1\n"),
  },
  {
    name: "_group_ and _name_ in a package are always keywords",
    reason:
      "Hydra reads them so up to 1.1, and in 1.3 with version_base 1.1; later they are names of keys.",
    applies: bothWith(arePackageWordsKeys),
    example: {
      files: {
        "config.yaml": "defaults:\n  - db: a\n",
        "db/a.yaml": "# @package x._name_\nb: 1\n",
      },
      name: "config",
      overrides: [],
    },
  },
  {
    name: "a group that the command line adds is meant from the root",
    reason: "Hydra looks for it below the primary config's folder, which a command line has not.",
    applies: ({ one, ours, theirs }) =>
      ours === "" &&
      /^MissingConfig/.test(theirs) &&
      (one.name ?? "").includes("/") &&
      /,?\+/.test(`${one.overrides}`),
    example: {
      files: { "exp/one.yaml": "# @package _global_\na: 1\n", "db/a.yaml": "b: 1\n" },
      name: "exp/one",
      overrides: ["+db=a"],
    },
  },
  {
    name: "a config with only override lines keeps its own content beside +group=option",
    reason: "Hydra loses the content of the primary config then.",
    applies: ({ one, texts, values }) =>
      values !== undefined &&
      isWithinOurs(values) &&
      /defaults:\n(?: *- override .*\n)+(?! *-)/.test(texts) &&
      /\+/.test(`${one.overrides}`),
    example: {
      files: {
        "config.yaml": "defaults:\n  - override hydra/job_logging: none\na: 1\n",
        "db/a.yaml": "b: 1\n",
      },
      name: "config",
      overrides: ["+db=a"],
    },
  },
  {
    name: "a name that leaves the folder is refused",
    reason: "A config reads what lies below the folders that are searched, and nothing else.",
    applies: refusedBy(/no config \S*\.\.\//),
    example: {
      files: {
        "config.yaml": "defaults:\n  - db/../other/x\n",
        "other/x.yaml": "a: 1\n",
        "db/y.yaml": "",
      },
      name: "config",
      overrides: [],
    },
  },
  {
    name: "a config by a path that follows a choice may stand in a nested list",
    reason: "Hydra 1.3 looks for it in the folder's folder of the same name, and finds nothing.",
    applies: ({ texts, ours, theirs }) =>
      ours === "" && /MissingConfig/.test(theirs) && /- \/?\S*\$\{/.test(texts),
    example: {
      files: {
        "config.yaml": "defaults:\n  - g: one\n  - db: a\n",
        "db/a.yaml": "x: 1\n",
        "g/one.yaml": "defaults:\n  - ${db}_more\n",
        "g/a_more.yaml": "y: 1\n",
      },
      name: "config",
      overrides: [],
    },
  },
  {
    name: "${defaults.0.group} in a defaults list is refused",
    reason:
      "Hydra 1.0 wrote so; 1.3 refuses it for groups, and takes it for paths. Write ${group}.",
    applies: refusedBy(/\$\{defaults\.\d/),
    example: {
      files: {
        "config.yaml": "defaults:\n  - g: a\n  - ${defaults.0.g}\n",
        "g/a.yaml": "x: 1\n",
        "a.yaml": "y: 1\n",
      },
      name: "config",
      overrides: [],
    },
  },
  {
    name: "words before a group that are no keywords are refused",
    reason: "Hydra drops them: `- overide db: x` adds a group instead of changing one.",
    applies: refusedBy(/expected a name, got/),
    example: {
      files: { "config.yaml": "defaults:\n  - overide db: a\n", "db/a.yaml": "b: 1\n" },
      name: "config",
      overrides: [],
    },
  },
  {
    name: "a file that is one word is refused",
    reason: "Hydra makes {word: null} of it; it is a slip.",
    applies: refusedBy(/expected keys and values at the top, got a scalar/),
    example: oneFile("word\n"),
  },
  {
    name: "the characters U+0085, U+2028 and U+2029 are refused",
    reason:
      "PyYAML ends a line at them, where nobody sees one; in double quotes they have escapes.",
    applies: refusedBy(/the character U\+(?:0085|2028|2029) cannot be in a config/),
    example: oneFile("a: x\u2028b: 2\n"),
  },
  {
    name: "~r.a is refused where r is what a function makes",
    reason: "Hydra takes it out of a copy, so nothing happens; of a reference both take it away.",
    applies: refusedBy(/is what a function makes/),
    example: oneFile("r: '${oc.create:{a: 1, b: 2}}'\n", "~r.a"),
  },
  {
    name: "the file of an option that is taken away is not read",
    reason: "Hydra reads it for its header, and so refuses for a fault in what takes no part.",
    applies: ({ one, ours, theirs }) =>
      ours === "" &&
      /^(?:Parser|Scanner|Composer)Error/.test(theirs) &&
      one.overrides?.some((override) => override.startsWith("~")) === true,
    example: {
      files: {
        "config.yaml": "defaults:\n  - opt: one\n  - _self_\na: 1\n",
        "opt/one.yaml": "b: [\n",
      },
      name: "config",
      overrides: ["~opt"],
    },
  },
  {
    name: "${eval:} is a small language",
    reason:
      "Python's eval runs anything; ours has numbers, text, lists, comparisons, and a few functions.",
    applies: ({ one, theirs, ours }) =>
      theirs === "" && ours !== "" && (one.kind === "eval" || /\$\{eval:/.test(ours)),
    example: oneFile("a: ${eval:'__import__(\"os\").name'}\n"),
  },
  {
    name: "in ${eval:} a tuple is a list",
    reason: "A config has no tuples: (1, 2) is written to it as [1, 2].",
    applies: ({ one, ours, theirs }) =>
      one.kind === "eval" && ours === "" && theirs === "" && /\(.*,.*\)/.test(one.text ?? ""),
    example: { kind: "eval", text: "(1, 2) == [1, 2]" },
  },
];

/** The difference that explains why the two answers are not the same; undefined where none does. */
export function differenceOf(
  one: Omit<HydraCase, "folder">,
  ours: Answer,
  theirs: Answer,
): Difference | undefined {
  const texts = Object.values(one.files ?? {}).join("\n");
  const found = {
    one,
    texts,
    ours: ours.refused ?? "",
    theirs: theirs.refused ?? "",
    values:
      (ours.refused ?? theirs.refused) ? undefined : { ours: ours.value, theirs: theirs.value },
  };
  return differences.find(({ applies }) => applies(found));
}
