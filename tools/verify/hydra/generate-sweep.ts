import type { Dice } from "./dice.ts";
import type { GeneratedCase } from "./generate-tree.ts";

const files = {
  "config.yaml": "defaults:\n  - db: one\n  - _self_\nx: 1\ny: 2\n",
  "db/one.yaml": "a: 1\n",
  "db/two.yaml": "a: 2\n",
  "db/other.yaml": "a: 3\n",
};

/** A command line of `-m`. */
export function generateSweep(dice: Dice, number: number): GeneratedCase {
  const overrides = dice.times(
    1,
    3,
    () => `${dice.of(["x", "y", "x", "+n", "db"])}=${sweep(dice, 2)}`,
  );
  return { title: `sweep ${number}`, kind: "sweep", files, name: "config", overrides };
}

function sweep(dice: Dice, depth: number): string {
  const inner = () => sweep(dice, depth - 1);
  const roll = depth > 0 ? dice.next() : 0.6 + dice.next() * 0.4;
  if (roll < 0.1) return `choice(${dice.times(1, 3, () => value(dice)).join(",")})`;
  if (roll < 0.15) return `choice(${inner()})`;
  if (roll < 0.25) return `sort(${inner()}${dice.chance(0.3) ? ",reverse=true" : ""})`;
  if (roll < 0.35) return `${dice.of(["int", "float", "str", "bool"])}(${inner()})`;
  if (roll < 0.4) return `tag(t,${inner()})`;
  if (roll < 0.6) return `range(${dice.times(1, 3, () => number(dice)).join(",")})`;
  if (roll < 0.65)
    return dice.of([
      "glob(*)",
      "glob(o*)",
      "glob(*o*,exclude=two)",
      "glob([one,t?o])",
      "glob([!o]*)",
    ]);
  if (roll < 0.68) return "interval(0,1)";
  return dice.times(1, 3, () => value(dice)).join(dice.of([",", ", ", " ,"]));
}

const number = (dice: Dice) =>
  dice.of(["0", "1", "3", "5", "-2", "10", "0.5", "0.1", "2.0", "1e-1", "-0.25"]);
const value = (dice: Dice) =>
  dice.of([
    "1",
    "2",
    "a",
    "b c",
    "1.5",
    "'q'",
    '"r,s"',
    "[1,2]",
    "{k: v}",
    "true",
    "null",
    "one",
    "two",
    "a\\,b",
    "${x}",
    "-1",
    "0.1",
  ]);
