// `npm test`: every *.test.ts beside the code and in the packages' test/ folders, one process a
// file, two at a time. Ends with the line `N passed, N failed`; a skipped test names its reason.
//
//   npm test [-- WORD ...]   only files whose path contains one of the words

import { globSync } from "node:fs";
import { join, relative } from "node:path";
import { run } from "node:test";
import { repository } from "./command.ts";
import { ensurePostgres } from "./servers/ensure-postgres.ts";

const words = process.argv.slice(2);
const files = globSync("{packages/*/{src,test},tools,bench}/**/*.test.ts", { cwd: repository })
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .sort()
  .map((file) => join(repository, file));

/** No file takes so long, on the slowest machine; a test that hangs ends in a failure. */
const hangsAfterMs = 3_600_000;

const count = { passed: 0, failed: 0 };
const skipped: string[] = [];

if (files.length === 0) {
  console.error(`no test file has ${words.join(" or ")} in its path`);
  process.exit(2);
}

if (files.some((file) => file.includes("/postgres/"))) await ensurePostgres();

const events = run({
  files,
  concurrency: 2,
  timeout: hangsAfterMs,
  execArgv: ["--import", join(import.meta.dirname, "warnings-fail.ts")],
});
events.on("test:fail", ({ name, file, line, details }) => {
  if (details.type === "suite") return;
  count.failed += 1;
  console.log(`FAIL  ${place(file)}:${line ?? 0}  ${name}`);
  const cause = details.error.cause ?? details.error;
  console.log(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause));
});
events.on("test:pass", ({ name, file, skip, todo, details }) => {
  if (details.type === "suite") return;
  if (skip !== undefined || todo !== undefined) {
    skipped.push(`${place(file)}: ${name} (${skip ?? todo})`);
    return;
  }
  count.passed += 1;
});
events.on("test:stderr", ({ message }) => process.stderr.write(message));
events.on("test:summary", ({ file, success, counts, duration_ms }) => {
  if (file === undefined) return;
  const seconds = (duration_ms / 1000).toFixed(1);
  console.log(
    `${success ? "ok  " : "FAIL"}  ${place(file)}  ${counts.passed} passed (${seconds} s)`,
  );
});
events.on("end", () => {
  for (const line of skipped) console.log(`skip  ${line}`);
  const tail = skipped.length > 0 ? `, ${skipped.length} skipped` : "";
  console.log(`${count.passed} passed, ${count.failed} failed${tail}`);
  if (count.failed > 0) process.exitCode = 1;
});
events.resume();

function place(file: string | undefined): string {
  return file === undefined ? "?" : relative(repository, file);
}
