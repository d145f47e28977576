import type { Answer, HydraCase } from "./hydra-case.fixture.ts";

/** What we do otherwise than Hydra on purpose. The live comparison and the fixture's test read it. */
interface Difference {
  readonly name: string;
  readonly reason: string;
  readonly applies: (found: Found) => boolean;
}

interface Found {
  readonly one: Omit<HydraCase, "folder">;
  /** The files of the case, where they are at hand. */
  readonly texts: string;
  /** Our refusal; "" where we compose. */
  readonly ours: string;
  /** Hydra's; "" where it composes. */
  readonly theirs: string;
}

const refusedBy = (pattern: RegExp) => (found: Found) =>
  found.theirs === "" && pattern.test(found.ours);

export const differences: readonly Difference[] = [
  {
    name: "a number that would be rounded or lost is refused",
    reason: "JavaScript's numbers are doubles: 2^53 + 1, 1e309 and 1e-400 would change silently.",
    applies: refusedBy(/beyond 2\^53|is larger than any number|is smaller than any number/),
  },
  {
    name: "two keys that Python takes for one are refused",
    reason: "`yes: 1` and `on: 2` are both True; PyYAML keeps the last and says nothing.",
    applies: refusedBy(/the key \S+ is given twice/),
  },
  {
    name: "true and 1 are two keys",
    reason:
      "In Python's mappings they are one, of which the first gives the name, and the last the value.",
    applies: ({ one }) => /true\s*:.*\b1\s*:|\b1\s*:.*true\s*:/s.test(`${one.overrides}`),
  },
  {
    name: "oc.dict.values inside text prints the values",
    reason: "OmegaConf prints the references that it makes of them: ['${a.b}', '${a.c}'].",
    applies: ({ texts }) => texts.includes("${oc.dict.values:"),
  },
  {
    name: "a folder of hydra.searchpath that is not there is refused",
    reason: "Hydra warns and goes on, with the options of other folders.",
    applies: refusedBy(/expected a folder of configs at/),
  },
  {
    name: "a file that is one word is refused",
    reason: "Hydra makes {word: null} of it; it is a slip.",
    applies: refusedBy(/expected keys and values at the top, got a scalar/),
  },
  {
    name: "${eval:} is a small language",
    reason:
      "Python's eval runs anything; ours has numbers, text, lists, comparisons, and a few functions.",
    applies: ({ one, theirs, ours }) =>
      theirs === "" && ours !== "" && (one.kind === "eval" || /\$\{eval:/.test(ours)),
  },
  {
    name: "in ${eval:} a tuple is a list",
    reason: "A config has no tuples: (1, 2) is written to it as [1, 2].",
    applies: ({ one, ours, theirs }) =>
      one.kind === "eval" && ours === "" && theirs === "" && /\(.*,.*\)/.test(one.text ?? ""),
  },
];

/** The difference that explains why the two answers are not the same; undefined where none does. */
export function differenceOf(
  one: Omit<HydraCase, "folder">,
  ours: Answer,
  theirs: Answer,
): Difference | undefined {
  const texts = Object.values(one.files ?? {}).join("\n");
  const found = { one, texts, ours: ours.refused ?? "", theirs: theirs.refused ?? "" };
  return differences.find(({ applies }) => applies(found));
}
