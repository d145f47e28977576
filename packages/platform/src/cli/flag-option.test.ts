import assert from "node:assert/strict";
import { test } from "node:test";
import { Command } from "commander";
import type { Flags, FlagValues } from "./flag.ts";
import { flagOption, flagValues } from "./flag-option.ts";

const flags = {
  fresh: { kind: "switch", alias: "anew", help: "" },
  "no-schema": { kind: "switch", help: "" },
  "out-dir": { kind: "text", value: "DIR", help: "" },
  from: { kind: "texts", value: "DIR", help: "" },
  kind: { kind: "choice", choices: ["cells", "beads"], default: "cells", help: "" },
  size: { kind: "integer", value: "N", min: 1, max: 9, help: "" },
  scale: { kind: "number", value: "X", default: 1.5, help: "" },
} as const satisfies Flags;

function parse(...args: readonly string[]): FlagValues<typeof flags> {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  for (const [name, flag] of Object.entries(flags)) command.addOption(flagOption(name, flag));
  command.parse(args, { from: "user" });
  return flagValues(flags, command.opts());
}

test("flags that are not given are false, undefined, or their default", () => {
  const expected: FlagValues<typeof flags> = {
    fresh: false,
    "no-schema": false,
    "out-dir": undefined,
    from: [],
    kind: "cells",
    size: undefined,
    scale: 1.5,
  };
  assert.deepEqual(parse(), expected);
});

test("flags that are given have the type of their kind", () => {
  const given = parse(
    "--fresh",
    "--no-schema",
    "--out-dir=a",
    "--from=b",
    "--from",
    "c",
    "--kind",
    "beads",
    "--size=9",
    "--scale",
    "-2",
  );
  assert.deepEqual(given, {
    fresh: true,
    "no-schema": true,
    "out-dir": "a",
    from: ["b", "c"],
    kind: "beads",
    size: 9,
    scale: -2,
  });
});

test("a flag's second name is as good as its first", () => {
  assert.equal(parse("--anew").fresh, true);
});

for (const [args, message] of [
  [["--size", "0"], /Expected a whole number, at least 1, at most 9/],
  [["--size", "1.5"], /Expected a whole number/],
  [["--size", "9007199254740993"], /Expected a whole number/],
  [["--scale", "abc"], /Expected a number/],
  [["--scale", ""], /Expected a number/],
  [["--scale", "Infinity"], /Expected a number/],
  [["--kind", "dogs"], /Allowed choices are cells, beads/],
] as const) {
  test(`${args.join(" ")} is refused`, () => assert.throws(() => parse(...args), message));
}

test("a flag may have a letter as well", () => {
  const flags = {
    multirun: { kind: "switch", short: "m", help: "" },
    cfg: { kind: "choice", short: "c", choices: ["job", "all"], help: "" },
  } as const satisfies Flags;
  const command = new Command().exitOverride();
  for (const [name, flag] of Object.entries(flags)) command.addOption(flagOption(name, flag));
  command.parse(["-m", "-c", "job"], { from: "user" });
  assert.deepEqual(flagValues(flags, command.opts()), { multirun: true, cfg: "job" });
});
