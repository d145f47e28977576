import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { verb } from "./verb.ts";

/** One thing that the project needs of a machine; `tools/set-up/checks.mjs` looks for it. */
interface Check {
  readonly name: string;
  readonly status: "pass" | "warn" | "fail";
  readonly found: string;
  readonly fix?: string;
}

interface SetUp {
  checks(): Promise<readonly Check[]>;
}

const setUp = pathToFileURL(join(import.meta.dirname, "../../../../tools/set-up/checks.mjs")).href;

export const doctor = verb({
  name: "doctor",
  summary: "check this machine, and say what to do about what it lacks",
  description: "The same checks as set-up's. Exit code 4 when one fails.",
  examples: ["cello doctor", "cello doctor --json"],
  flags: {},
  operands: [],
  async run({ output }) {
    const { checks } = (await import(setUp)) as SetUp; // plain JavaScript, for older Nodes too
    const found = await checks();
    const width = Math.max(...found.map(({ name }) => name.length));
    for (const check of found) {
      output.json(check);
      output.line(`${check.status}  ${check.name.padEnd(width)}  ${check.found}`);
      if (check.status !== "pass" && check.fix) output.line(`      fix: ${check.fix}`);
    }
    return found.some(({ status }) => status === "fail") ? 4 : 0;
  },
});
