// `npm run verify`: our numbers against the Python references, live, on fresh random inputs. Each
// file in tools/verify/ compares one part; the seed is printed, and given again repeats a run.
//
//   npm run verify [-- NAME ...] [--seed N]

import { globSync } from "node:fs";
import { basename, join } from "node:path";
import { commandLine } from "./command-line.ts";
import { referencePython } from "./reference/environment.ts";

/** What a comparison found; `lines` are for the reader. */
export interface Verdict {
  readonly passed: number;
  readonly failed: number;
  readonly lines: readonly string[];
}

/** One part's live comparison, exported by its file as `verification`. */
export interface Verification {
  readonly name: string;
  run(options: { readonly python: string; readonly seed: number }): Promise<Verdict>;
}

const usage = "npm run verify -- [NAME ...] [--seed N]";
const { values, positionals } = commandLine({ seed: { type: "string" } }, usage);
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const folder = join(import.meta.dirname, "verify");
const names = globSync("*.ts", { cwd: folder })
  .filter((file) => !file.endsWith(".test.ts"))
  .map((file) => basename(file, ".ts"))
  .sort();
const unknown = positionals.filter((name) => !names.includes(name));
if (unknown.length > 0 || !Number.isSafeInteger(seed)) {
  console.error(`expected names out of ${names.join(", ")}, and a whole number after --seed`);
  process.exit(2);
}
const python = await referencePython();

console.log(`seed ${seed}`);
let [passed, failed] = [0, 0];
for (const name of positionals.length > 0 ? positionals : names) {
  const { verification } = (await import(join(folder, `${name}.ts`))) as {
    verification: Verification;
  };
  const began = performance.now();
  const verdict = await verification.run({ python, seed });
  console.log(`${verification.name} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
  for (const line of verdict.lines) console.log(`  ${line}`);
  passed += verdict.passed;
  failed += verdict.failed;
}
if (passed + failed === 0) {
  console.error("nothing was compared");
  failed = 1;
}
console.log(`${passed} passed, ${failed} failed`);
if (failed > 0) process.exitCode = 1;
