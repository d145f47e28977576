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

test("a loop that is left while more is on its way leaves a session that answers", async () => {
  await using reader = new DuckDbReader(await connectToScratch("a place"));
  await using session = await reader.session();
  const text = "SELECT CAST(i AS INTEGER) AS i FROM range(3000000) AS t(i)";
  for (let round = 0; round < 10; round++) {
    for await (const { numRows } of session.rows({ text, values: [], types }, undefined)) {
      assert.equal(numRows, 65_536);
      break;
    }
  }
  let total = 0;
  for await (const { numRows } of session.rows({ text, values: [], types }, undefined)) {
    total += numRows;
  }
  assert.equal(total, 3_000_000);
});

test("a value of another type than its column's is an error, and NULL is one in a whole number", async () => {
  await using reader = new DuckDbReader(await connectToScratch("a place"));
  await using session = await reader.session();
  const ask = async (text: string, type: "integer" | "number" | "text") => {
    const found: unknown[] = [];
    for await (const { columns } of session.rows(
      { text, values: [], types: { i: type } },
      undefined,
    )) {
      found.push(...(columns.i ?? []));
    }
    return found;
  };
  const values = (list: string) => `SELECT i FROM (VALUES ${list}) AS t(i)`;
  assert.deepEqual(await ask(values("(1), (2)"), "integer"), [1, 2]);
  assert.deepEqual(await ask(values("(1::BIGINT), (NULL)"), "number"), [1, Number.NaN]);
  assert.deepEqual(await ask(values("(1.5::DOUBLE), (NULL)"), "number"), [1.5, Number.NaN]);
  assert.deepEqual(await ask(values("('a'), (NULL)"), "text"), ["a", null]);
  const refused = { code: "CATALOGUE_ROW", message: /^a place has a row .* in i, found / };
  for (const [list, type] of [
    ["(1), (NULL)", "integer"],
    ["('a')", "integer"],
    ["('a')", "number"],
    ["(1)", "text"],
  ] as const) {
    await assert.rejects(ask(values(list), type), refused);
  }
});
