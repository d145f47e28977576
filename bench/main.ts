// `npm run bench -- NAME --json`: ours and the peer, in turns, in one sitting. Without a name all
// are run, and docs/reference/benchmarks.md is written anew.

import { globSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { basename, join } from "node:path";
import { repository } from "../tools/command.ts";
import { commandLine } from "../tools/command-line.ts";
import { referencePython } from "../tools/reference/environment.ts";
import type { Benchmark, Row } from "./row.ts";

const usage = "npm run bench -- [NAME ...] [--json]";
const { values, positionals } = commandLine({ json: { type: "boolean", default: false } }, usage);
const notBenches = ["main.ts", "row.ts"];
const names = globSync("*.ts", { cwd: import.meta.dirname })
  .filter((file) => !notBenches.includes(file) && !file.endsWith(".test.ts"))
  .map((file) => basename(file, ".ts"))
  .sort();
const unknown = positionals.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(", ")}; there are: ${names.join(", ")}`);
  process.exit(2);
}

const python = await referencePython();
const rows: Row[] = [];
for (const name of positionals.length > 0 ? positionals : names) {
  const { benchmark } = (await import(join(import.meta.dirname, `${name}.ts`))) as {
    benchmark: Benchmark;
  };
  for (const row of await benchmark.run({ python })) {
    rows.push(row);
    console.log(values.json ? JSON.stringify(row) : line(row));
  }
}
if (positionals.length === 0) {
  writeFileSync(join(repository, "docs/reference/benchmarks.md"), page(rows));
}

function line({ bench, case: what, ours, peer, ratio, unit, runs }: Row): string {
  const figures = [ours, peer].map((x) => (x === null ? "-" : x.toPrecision(4)).padStart(9));
  const times = ratio === null ? "     -" : ratio.toFixed(3).padStart(6);
  return `${bench.padEnd(13)} ${what.padEnd(46)} ${figures.join(" ")} ${unit.padEnd(6)} ${times}  (${runs} runs)`;
}

function page(all: readonly Row[]): string {
  const table = all.map(({ bench, case: what, ours, peer, ratio, unit, runs }) => {
    const cells = [bench, what, ours?.toPrecision(4), peer?.toPrecision(4), unit];
    return `| ${[...cells, ratio?.toFixed(3) ?? "", runs].join(" | ")} |`;
  });
  return `# Benchmarks

Written by \`npm run bench\`. Ours and the peer run in turns in one sitting; medians; a ratio below 1
means that we take less. Machine: ${cpus().length} x ${cpus()[0]?.model ?? "unknown processor"}.

| bench | case | ours | peer | unit | ratio | runs |
| --- | --- | ---: | ---: | --- | ---: | ---: |
${table.join("\n")}
`;
}
