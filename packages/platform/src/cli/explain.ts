import { readFileSync } from "node:fs";
import { join } from "node:path";
import { exitCodeOfCode } from "../errors/index.ts";
import { UsageError } from "./usage-error.ts";
import { verb } from "./verb.ts";

const errorList = join(import.meta.dirname, "../../../../docs/reference/errors.md");

export const explain = verb({
  name: "explain",
  summary: "say more about an error code",
  examples: ["cello explain CONFIG_INVALID"],
  flags: {},
  operands: [
    {
      name: "CODE",
      help: "the word before the colon of an error",
      choices: async () => [...readRows(readFileSync(errorList, "utf8")).keys()],
    },
  ],
  async run({ operands: [asked = ""], output }) {
    const rows = readRows(readFileSync(errorList, "utf8"));
    const code = asked.toUpperCase();
    const row = rows.get(code);
    if (!row) {
      const { didYouMean } = await import("../config/index.ts");
      const message = `there is no error ${asked}${didYouMean(code, rows.keys())}`;
      throw new UsageError(message, "docs/reference/errors.md lists them all.");
    }
    const exitCode = exitCodeOfCode(code);
    output.json({ code, ...row, exitCode });
    output.line(`${code} (exit code ${exitCode})\n\n${row.meaning}\n\nWhat to do: ${row.remedy}`);
    return 0;
  },
});

interface Row {
  readonly meaning: string;
  readonly remedy: string;
}

/** The rows `| CODE | meaning | what to do |` of the page. */
function readRows(page: string): ReadonlyMap<string, Row> {
  const rows = page.matchAll(/^\|\s*`?([A-Z][A-Z0-9_]*)`?\s*\|([^|]*)\|([^|]*)\|/gm);
  return new Map(
    [...rows].map(([, code = "", meaning = "", remedy = ""]) => [
      code,
      { meaning: meaning.trim(), remedy: remedy.trim() },
    ]),
  );
}
