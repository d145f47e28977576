// Scenario R33 for rows in CSV, in a process of its own, since it is to be hurt:
//
//     node rows-worker.ts SEED MILLISECONDS [CASES]
//
// One database reads file after file, as a run reads its rows; one in a hundred is opened as a run
// opens it, and every place that comes out must lie in its tile.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drawOf, mutated } from "../../../packages/platform/src/database/cached/mutated.fixture.ts";
import {
  isRefusal,
  readPlaces,
} from "../../../packages/platform/src/database/cached/read-places.fixture.ts";
import { connectToFiles } from "../../../packages/platform/src/database/duckdb/connect.ts";
import { duckDbDialect } from "../../../packages/platform/src/database/duckdb/duckdb-dialect.ts";
import { answerError } from "../../../packages/platform/src/database/duckdb/duckdb-reader.ts";
import { scanOf } from "../../../packages/platform/src/database/duckdb/row-files.ts";
import { compiled, sql } from "../../../packages/platform/src/database/sql/fragment.ts";
import type { HostileReport } from "../hostile.ts";
import { fuzzFiles, type Outcome } from "./fuzz-files.ts";

const [seed = 0, milliseconds = 0] = process.argv.slice(2, 4).map(Number);
const mostCases = Number(process.argv[4] ?? Number.POSITIVE_INFINITY);
const wholeEvery = 100;

const fixtures = join(
  import.meta.dirname,
  "../../../packages/platform/src/database/cached/fixtures",
);
const rows = readFileSync(join(fixtures, "reference.csv"));
const folder = mkdtempSync(join(tmpdir(), "hostile-"));
const path = join(folder, "rows.csv");
try {
  console.log(JSON.stringify(await fuzzed()));
} finally {
  rmSync(folder, { recursive: true });
}

async function fuzzed(): Promise<HostileReport> {
  writeFileSync(path, rows);
  using catalogue = await connectToFiles(path, [path]);
  const scan = sql`SELECT * FROM ${scanOf({ format: "csv", paths: [path] })}`;
  const { text } = compiled(scan, duckDbDialect.parameterMarker);
  const scanned = async () => {
    try {
      (await catalogue.connection.runAndReadAll(text)).getRows();
    } catch (cause) {
      throw answerError(path, cause);
    }
  };
  for (let i = 0; i < 20; i++) await scanned(); // what is whole is read
  await readPlaces(path);
  const report = await fuzzFiles({
    ...{ what: "CSV files", seed, milliseconds, mostCases },
    prepare: (number) => {
      writeFileSync(path, mutated(rows, drawOf(seed * 1_000_003 + number)));
      return "reference.csv";
    },
    read: (number) => outcomeOf(number % wholeEvery === 0 ? () => readPlaces(path) : scanned),
  });
  writeFileSync(path, rows);
  await scanned(); // no file has broken the database that read it
  return report;
}

async function outcomeOf(read: () => Promise<void>): Promise<Outcome> {
  try {
    await read();
    return "read";
  } catch (error) {
    if (isRefusal(error)) return "refused";
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}
