import assert from "node:assert/strict";
import { test } from "node:test";
import { connectToScratch } from "./connect.ts";
import { DuckDbReader } from "./duckdb-reader.ts";

const types = { i: "integer" } as const;

test("an error in the middle of a result is an error, and never its end", async () => {
  const failing = "CASE WHEN i = 2900000 THEN error('x') ELSE CAST(i AS INTEGER) END";
  const cases = [
    [`SELECT ${failing} AS i FROM range(3000000) AS t(i)`, /ended before its last row/],
    ["SELECT CAST(i AS INTEGER) AS i FROM range(3000000) AS t(i)", null],
  ] as const;
  for (const [text, message] of cases) {
    await using reader = new DuckDbReader(await connectToScratch("a place"));
    await using session = await reader.session();
    let numRows = 0;
    const read = async () => {
      const rows = session.rows({ text, values: [], types }, undefined);
      for await (const batch of rows) numRows += batch.numRows;
    };
    if (message === null) await read();
    else await assert.rejects(read, { code: "CATALOGUE_QUERY", message });
    if (message === null) assert.equal(numRows, 3_000_000);
    else assert.ok(numRows > 0 && numRows < 2_900_000);
  }
});

test("a result that is read on after its database was closed is an error", async () => {
  const reader = new DuckDbReader(await connectToScratch("a place"));
  const session = await reader.session();
  const text = "SELECT CAST(i AS INTEGER) AS i FROM range(3000000) AS t(i)";
  const rows = session.rows({ text, values: [], types }, undefined)[Symbol.asyncIterator]();
  assert.equal((await rows.next()).done, false);
  const next = rows.next();
  next.catch(() => {}); // it is awaited below
  await reader[Symbol.asyncDispose]();
  const read = async () => {
    await next;
    for (;;) if ((await rows.next()).done) return;
  };
  await assert.rejects(read, { code: "CATALOGUE_QUERY", message: /it was closed|ended before/ });
});
