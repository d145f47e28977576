// The composer against the real Hydra: every experiment of configs/, folders and command lines made
// from the seed, and the hand-written cases of tools/reference/config_cases.py. What differs on
// purpose is listed, with its reason, in packages/platform/src/config/hydra/hydra-differences.ts.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import {
  type Answer,
  answerOf,
  type HydraCase,
} from "../../packages/platform/src/config/hydra/hydra-case.fixture.ts";
import {
  differenceOf,
  differences,
} from "../../packages/platform/src/config/hydra/hydra-differences.ts";
import { command, repository } from "../command.ts";
import type { Verification } from "../verify.ts";
import { Dice } from "./hydra/dice.ts";
import { experimentCases } from "./hydra/experiments.ts";
import { generateSweep } from "./hydra/generate-sweep.ts";
import {
  generateExpression,
  generateInterpolation,
  generateScalar,
  generateValue,
} from "./hydra/generate-text.ts";
import { type GeneratedCase, generateDefaultsTree, generateTree } from "./hydra/generate-tree.ts";

type Case = GeneratedCase & { readonly folder?: string };

/** How many of each are made. */
const generators = [
  [generateTree, 320],
  [generateDefaultsTree, 320],
  [generateValue, 250],
  [generateInterpolation, 250],
  [generateSweep, 150],
  [generateScalar, 400],
  [generateExpression, 400],
] as const;

export const verification: Verification = {
  name: "config",
  async run({ python, seed }) {
    const folder = mkdtempSync(join(tmpdir(), "verify-config-"));
    try {
      const cases = [
        ...experimentCases(join(folder, "configs")),
        ...differences.map(({ name, example }) => ({ title: `${sign}${name}`, ...example })),
        ...(await handWritten(python)),
        ...generated(seed),
      ];
      const theirs = await answers(python, cases, folder);
      const found = cases.map((one, i) => verdictOf(one, i, theirs[i] ?? {}, folder));
      return summary(found, theirs);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

function* generated(seed: number): Generator<Case> {
  for (const [generate, count] of generators) {
    const dice = new Dice(seed);
    for (let i = 0; i < count; i++) yield generate(dice, i);
  }
}

/** The cases of config_cases.py, as JSON. */
async function handWritten(python: string): Promise<readonly Case[]> {
  const reference = join(repository, "tools/reference");
  const script = "import json, config_cases; print(json.dumps(list(config_cases.cases())))";
  const { code, output } = await command([
    python,
    "-c",
    `import sys; sys.path.insert(0, ${JSON.stringify(reference)}); ${script}`,
  ]);
  if (code !== 0) throw new Error(`config_cases.py failed (exit ${code}):\n${output}`);
  return JSON.parse(output) as readonly Case[];
}

async function answers(
  python: string,
  cases: readonly Case[],
  folder: string,
): Promise<readonly Answer[]> {
  const path = join(folder, "cases.json");
  writeFileSync(path, JSON.stringify(cases));
  const script = join(repository, "tools/reference/hydra_compose.py");
  const target = join(folder, "answers.jsonl");
  const { code, output } = await command([python, script, path, target]);
  if (code !== 0)
    throw new Error(`hydra_compose.py failed (exit ${code}):\n${output.slice(-4000)}`);
  const lines = readFileSync(target, "utf8").trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as Answer);
}

/** In front of the title of a difference's own example. */
const sign = "difference: ";

interface Found {
  readonly kind: "equal" | "on purpose" | "different";
  readonly name: string;
  readonly lines: readonly string[];
}

function verdictOf(one: Case, number: number, theirs: Answer, folder: string): Found {
  const root = one.folder ?? written(join(folder, String(number)), one.files ?? {});
  const full: HydraCase = { ...one, folder: root };
  const ours = answerOf(full);
  const isEqual =
    theirs.refused === undefined ? isDeepStrictEqual(ours, theirs) : ours.refused !== undefined;
  if (isEqual && one.title.startsWith(sign)) {
    const line = `FAIL  ${one.title} shows no more: take it from hydra-differences.ts`;
    return { kind: "different", name: one.title, lines: [line] };
  }
  if (isEqual) return { kind: "equal", name: one.title, lines: [] };
  const difference = differenceOf(full, ours, theirs);
  if (difference) return { kind: "on purpose", name: difference.name, lines: [] };
  const { title, files, name, overrides, text } = one;
  const what = JSON.stringify({ files, name, overrides, text });
  const shown = (answer: Answer) => JSON.stringify(answer).slice(0, 600);
  return {
    kind: "different",
    name: title,
    lines: [
      `FAIL  ${title}: ${what}`,
      `      Hydra ${shown(theirs)}`,
      `      ours  ${shown(ours)}`,
    ],
  };
}

function written(root: string, files: Readonly<Record<string, string>>): string {
  mkdirSync(root, { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

function summary(found: readonly Found[], theirs: readonly Answer[]) {
  const of = (kind: Found["kind"]) => found.filter((one) => one.kind === kind);
  const [equal, onPurpose, different] = [of("equal"), of("on purpose"), of("different")];
  const refused = theirs.filter((one) => one.refused !== undefined).length;
  const byName = differences.map(({ name }) => {
    const count = onPurpose.filter((one) => one.name === name).length;
    return `${String(count).padStart(5)}  ${name}`;
  });
  return {
    passed: equal.length + onPurpose.length,
    failed: different.length,
    lines: [
      ...different.flatMap(({ lines }) => lines),
      `${found.length} cases, of which Hydra refuses ${refused}: ${equal.length} equal, ${onPurpose.length} different on purpose:`,
      ...byName,
    ],
  };
}
