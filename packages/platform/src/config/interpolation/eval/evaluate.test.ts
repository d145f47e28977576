import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { toPlain } from "../../node/node.ts";
import { ResolverFault } from "../resolver-fault.ts";
import { evaluate } from "./evaluate.ts";

const run = (text: string) => toPlain(evaluate(text, { kind: "override", text }));

test("what is not chosen is not computed", () => {
  assert.equal(run("1 if True else 1/0"), 1);
  assert.equal(run("0 and 1/0"), 0);
});

for (const [text, message] of [
  ["__import__('os')", /there is no function __import__/],
  ["'a'.join('b')", /did not expect/],
  ["().__class__", /did not expect/],
  ["open('/etc/passwd')", /there is no function open/],
  ["constructor", /there is no name constructor/],
  ["toString()", /there is no function toString/],
  ["9**9**9", /too large/],
  ["'a' * 10**9", /too large/],
  ["1 << 10**9", /a shift must be/],
  ["2**63", /beyond 2\^53/],
  ["1/0", /division by 0/],
  ["x for x in y", /there is no name x/],
  ["(".repeat(500), /nested too deep/],
  [`${"- ".repeat(4000)}1`, /nested too deep|refused/],
  ["1 if 1 else ".repeat(200), /nested too deep/],
  ["[".repeat(200), /nested too deep/],
  ["2".padEnd(20_000, "2"), /is refused/],
  ["1 ".repeat(3), /did not expect 1/],
] as const) {
  test(`${text.slice(0, 40)} is refused`, () => assert.throws(() => run(text), message));
}

test("any text is a value or refused by name, and never anything else", () => {
  const words = [
    "1",
    "2.5",
    "'a'",
    "+",
    "-",
    "*",
    "/",
    "//",
    "%",
    "**",
    "(",
    ")",
    "[",
    "]",
    ",",
    "<",
    "==",
    "and",
    "or",
    "not",
    "if",
    "else",
    "in",
    "is",
    "None",
    "True",
    "max(",
    "round(",
    "int(",
    " ",
    "<<",
    "~",
    ".",
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...words), { maxLength: 12 }), (parts) => {
      try {
        run(parts.join(" "));
      } catch (error) {
        assert.ok(error instanceof ResolverFault, String(error));
      }
    }),
    { numRuns: 3000 },
  );
});
