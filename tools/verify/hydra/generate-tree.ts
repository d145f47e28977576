import type { Dice } from "./dice.ts";

/** A folder of YAML and a command line, as people write them, and sometimes as they mistype them. */
export interface GeneratedCase {
  readonly title: string;
  readonly kind?: "compose" | "sweep" | "tree" | "scalar" | "eval";
  readonly files?: Readonly<Record<string, string>>;
  readonly name?: string;
  readonly overrides?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly text?: string;
}

const groups = ["db", "model", "a", "a/b", "opt"];
const options = ["one", "two", "three"];
const keys = ["x", "y", "z", "p", "q", "deep"];
const env = { CELLO_TEST_HOST: "db.example" };

export function generateTree(dice: Dice, number: number): GeneratedCase {
  const files: Record<string, string> = {};
  for (const group of groups) {
    for (const option of options) files[`${group}/${option}.yaml`] = optionFile(dice, group);
  }
  files["base.yaml"] = file(dice, [], { ...content(dice), x: "1", p: "{x: 1, y: {z: 2}}" });
  const list = primaryList(dice);
  const own = { ...content(dice), x: "1", y: "${x}", p: "{x: 1, y: [1, 2]}" };
  const inFolder = dice.chance(0.15);
  const primary = inFolder ? list.map((line) => line.replace(/^- (override )?/, "- $1/")) : list;
  const name = inFolder ? "exp/config" : "config";
  const header = inFolder && dice.chance(0.7) ? "# @package _global_\n" : "";
  const fixed = primary.map((line) =>
    line.replace("/_self_", "_self_").replace("/optional ", "optional /"),
  );
  files[`${name}.yaml`] = header + file(dice, fixed, own);
  const overrides = dice.times(0, 3, () => override(dice));
  if (dice.chance(0.15)) overrides.push(...chosenTwice(dice));
  const kind = dice.chance(0.1) ? "sweep" : "compose";
  return { title: `tree ${number}`, kind, files, name, overrides, env };
}

/** The same folders and command lines, of which the tree of defaults lists is asked. */
export const generateDefaultsTree = (dice: Dice, number: number): GeneratedCase => ({
  ...generateTree(dice, number),
  title: `defaults tree ${number}`,
  kind: "tree",
});

function primaryList(dice: Dice): string[] {
  const chosen = groups
    .filter(() => dice.chance(0.55))
    .filter((group) => group !== "a/b" || dice.chance(0.5));
  const lines = chosen.map((group) => groupLine(dice, group));
  if (dice.chance(0.35)) lines.splice(dice.below(lines.length + 1), 0, "- base");
  if (dice.chance(0.15))
    lines.push(`- opt@extra: \${${dice.of(chosen.length > 0 ? chosen : groups)}}`);
  if (dice.chance(0.8)) lines.splice(dice.below(lines.length + 1), 0, "- _self_");
  if (dice.chance(0.2)) lines.push(`- override ${dice.of(groups)}: ${dice.of(options)}`);
  return lines;
}

function groupLine(dice: Dice, group: string): string {
  const roll = dice.next();
  if (roll < 0.08) return `- ${group}: null`;
  if (roll < 0.14) return `- ${group}: [${dice.of(options)}, ${dice.of(options)}]`;
  if (roll < 0.2) return `- optional ${group}: ${dice.of([...options, "nope"])}`;
  if (roll < 0.34) return `- ${group}@${packageName(dice)}: ${dice.of(options)}`;
  if (roll < 0.4) return `- ${group}/${dice.of(options)}`;
  return `- ${group}: ${dice.of(options)}`;
}

const packageName = (dice: Dice) =>
  dice.of(["_global_", "pk", "pk.sub", "_group_.in", "x_y", "_here_", "_global_.deep"]);

function optionFile(dice: Dice, group: string): string {
  const list: string[] = [];
  if (dice.chance(0.18)) list.push(`- /base@${dice.of(["_here_", "_global_", "bs"])}`);
  if (group === "a" && dice.chance(0.4)) list.push(`- b: ${dice.of(options)}`);
  if (group === "model" && dice.chance(0.25))
    list.push(`- /opt@${packageName(dice)}: ${dice.of(options)}`);
  if (list.length > 0 && dice.chance(0.7)) list.splice(dice.below(list.length + 1), 0, "- _self_");
  if (group === "opt" && dice.chance(0.12)) list.push(`- override /db: ${dice.of(options)}`);
  const header = dice.chance(0.15)
    ? `# @package ${dice.of(["_global_", "hd", "hd.er", "_global_.gl"])}\n`
    : "";
  return header + file(dice, list, content(dice));
}

function file(_: Dice, list: readonly string[], entries: Readonly<Record<string, string>>): string {
  const defaults =
    list.length > 0 ? `defaults:\n${list.map((line) => `  ${line}\n`).join("")}` : "";
  const lines = Object.entries(entries).map(([key, value]) => `${key}: ${value}\n`);
  return defaults + lines.join("");
}

function content(dice: Dice): Record<string, string> {
  const chosen = keys.filter(() => dice.chance(0.45));
  return Object.fromEntries(chosen.map((key) => [key, value(dice, 2)]));
}

const scalars = [
  "1",
  "2.0",
  "1e-3",
  "true",
  "no",
  "null",
  "~",
  "abc",
  "'1'",
  '"a b"',
  "010",
  "1_0",
  ".5",
  "???",
  "'it''s'",
  "x/y.z",
  "-3",
  "''",
];

function value(dice: Dice, depth: number): string {
  const roll = dice.next();
  if (roll < 0.22) return interpolation(dice);
  if (depth > 0 && roll < 0.37) {
    const chosen = keys.filter(() => dice.chance(0.4));
    return `{${chosen.map((key) => `${key}: ${value(dice, depth - 1)}`).join(", ")}}`;
  }
  if (depth > 0 && roll < 0.47)
    return `[${dice.times(0, 3, () => value(dice, depth - 1)).join(", ")}]`;
  return dice.of(scalars);
}

function interpolation(dice: Dice): string {
  const path = () =>
    dice.of([
      "x",
      "y",
      "p",
      "p.x",
      "p.y.1",
      "db.x",
      "model.p",
      "opt.deep",
      "base",
      ".x",
      "..x",
      ".p.x",
      "a.b.x",
      "pk.x",
      "p[y][0]",
      "deep.q",
    ]);
  const call = () =>
    dice.of([
      "oc.env:CELLO_TEST_HOST",
      "oc.env:CELLO_TEST_NONE,d",
      "oc.select:p.x,7",
      "oc.select:nope",
      "oc.decode:'1.5'",
      "oc.dict.keys:p",
      "oc.create:{k: 1}",
      "oc.env:CELLO_TEST_NONE,null",
      "hydra:job.name",
    ]);
  const roll = dice.next();
  if (roll < 0.5) return `"\${${path()}}"`;
  if (roll < 0.7) return `"${dice.of(["v_", "", "a b "])}\${${path()}}${dice.of(["_s", ".", ""])}"`;
  if (roll < 0.9) return `"\${${call()}}"`;
  return `"\${${path()}}-\${${call()}}"`;
}

function override(dice: Dice): string {
  const roll = dice.next();
  const sign = dice.of(["", "", "", "+", "++"]);
  const group = dice.of(groups);
  const at = dice.chance(0.2) ? `@${dice.of(["pk", "_global_", "pk.sub", "extra"])}` : "";
  if (roll < 0.25)
    return `${dice.of(["", "", "", "+"])}${group}${at}=${dice.of([...options, "nope"])}`;
  if (roll < 0.3) return `~${group}${at}`;
  if (roll < 0.38) return `~${key(dice)}`;
  return `${sign}${key(dice)}=${dice.of(values)}`;
}

/** As in a script that ends in "$@". */
function chosenTwice(dice: Dice): string[] {
  const group = dice.of(groups);
  return dice.times(2, 3, () => `${group}=${dice.of([...options, options[0] ?? "", "nope"])}`);
}

const key = (dice: Dice) =>
  dice.of([
    "x",
    "y",
    "z",
    "p",
    "p.x",
    "p.y",
    "p.new",
    "db.x",
    "db.p.x",
    "model.y",
    "new",
    "new.a.b",
    "deep",
    "a.b.x",
    "opt.q",
    "p.y.0",
  ]);

const values = [
  "1",
  "2.5",
  "abc",
  "null",
  "true",
  "'1'",
  "[1,2]",
  "{x: 5}",
  "{new: {a: 1}}",
  "${x}",
  "x${p.x}",
  "a b",
  "???",
  "",
  "[{x: 1},'b']",
  "${oc.env:CELLO_TEST_HOST}",
  "1,2",
  "int(3.9)",
  "choice(a,b)",
];
