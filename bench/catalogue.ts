// Ten million rows in a catalogue; a filter with occupancy and a percentile. The first batch of typed
// columns, and the whole table, against the same statement by DuckDB's Python package into Arrow.
// Each whole result is read by a process of its own, so that its peak of memory is that result's; ours
// and the peer's in turns, too.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { catalogueRelations } from "../packages/platform/src/database/duckdb/catalogue-relations.ts";
import { duckDbDialect } from "../packages/platform/src/database/duckdb/duckdb-dialect.ts";
import { CatalogueWriter, type HypercubeQuery } from "../packages/platform/src/database/index.ts";
import { hypercubesStatement } from "../packages/platform/src/database/sql/statements.ts";
import { command } from "../tools/command.ts";
import { median } from "./drive/median.ts";
import { startWorker, type Worker } from "./drive/worker.ts";
import type { Benchmark, Row } from "./row.ts";

const [numTiles, cubesPerTile] = [500, 20_000];
const rounds = 3;
const peerScript = join(import.meta.dirname, "peers/catalogue.py");
const workerScript = join(import.meta.dirname, "workers/catalogue.ts");

const shape = { cube_shape: [1, 128, 128, 128] } as const;
const filtered: HypercubeQuery = {
  ...shape,
  occupancy_threshold: 0.5,
  cdf_threshold: 200,
  cdf_target: 90,
};
const cases = [
  { name: "10M rows, occupancy and CDF", query: filtered },
  { name: "10M rows, no filter", query: shape },
] as const;

export const benchmark: Benchmark = {
  name: "catalogue",
  async run({ python }) {
    const folder = mkdtempSync(join(tmpdir(), "bench-catalogue-"));
    try {
      const path = join(folder, "catalogue.duckdb");
      await (await CatalogueWriter.open(path))[Symbol.asyncDispose]();
      const sizes = [numTiles, cubesPerTile].map(String);
      const { code, output } = await command([python, peerScript, "fill", path, ...sizes]);
      if (code !== 0) throw new Error(`catalogue.py failed (exit ${code}):\n${output}`);
      const rows: Row[] = [];
      for (const { name, query } of cases)
        rows.push(...(await compared(name, query, path, python)));
      return rows;
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

interface Answer {
  readonly firstMs: number;
  readonly wholeMs: number;
  readonly numRows: number;
  readonly peakBytes: number;
}

async function compared(
  name: string,
  query: HypercubeQuery,
  path: string,
  python: string,
): Promise<readonly Row[]> {
  const { text, values } = statementOf(query);
  const statement = JSON.stringify({ text, values: values.map(({ value }) => value) });
  const programs = [
    [process.execPath, workerScript, path, JSON.stringify(query)],
    [python, peerScript, "ask", path, statement],
  ] as const;
  const firsts: number[][] = [[], []];
  const workers = programs.map(startWorker);
  for (let round = 0; round <= rounds; round++) {
    for (const [i, worker] of workers.entries()) {
      const { firstMs } = await asked(worker, false);
      if (round > 0) firsts[i]?.push(firstMs); // the first fills the caches
    }
  }
  await Promise.all(workers.map((worker) => worker.close()));
  const wholes: Answer[][] = [[], []];
  for (let round = 0; round < rounds; round++) {
    for (const [i, program] of programs.entries()) {
      const worker = startWorker(program);
      wholes[i]?.push(await asked(worker, true));
      await worker.close();
    }
  }
  const [ours = [], peer = []] = wholes;
  const counts = new Set([...ours, ...peer].map(({ numRows }) => numRows));
  if (counts.size !== 1) throw new Error(`${name}: rows of ours and the peer: ${[...counts]}`);
  const [numRows] = counts;
  const mebibytes = (answers: readonly Answer[]) =>
    median(answers.map(({ peakBytes }) => peakBytes / 2 ** 20));
  const wholeMs = (answers: readonly Answer[]) => median(answers.map(({ wholeMs }) => wholeMs));
  const [ourFirst = [], peerFirst = []] = firsts;
  return [
    row(`${name}: first batch`, [median(ourFirst), median(peerFirst)], "ms"),
    row(`${name}: whole, ${numRows} rows`, [wholeMs(ours), wholeMs(peer)], "ms"),
    row(`${name}: whole, peak memory`, [mebibytes(ours), mebibytes(peer)], "MiB"),
  ];
}

function asked(worker: Worker, whole: boolean): Promise<Answer> {
  return worker.ask<Answer>({ whole });
}

function statementOf(query: HypercubeQuery) {
  const relations = catalogueRelations(new Map([["min_occupancy", "other"]]));
  return hypercubesStatement({ dialect: duckDbDialect, ...relations }, query, {});
}

function row(what: string, [ours, peer]: readonly [number, number], unit: string) {
  return { bench: "catalogue", case: what, ours, peer, ratio: ours / peer, unit, runs: rounds };
}
