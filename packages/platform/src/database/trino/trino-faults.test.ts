import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeTrino, type TrinoFault } from "../../../test/support/fake-trino.ts";
import { CatalogueError } from "../errors.ts";
import { patientRetries } from "../server/retry.ts";
import { ServerReader } from "../server/server-reader.ts";
import type { Statement } from "../sql/sql-reader.ts";
import { trinoAddress } from "./trino-address.ts";
import { trinoServer } from "./trino-server.ts";

const numRows = 600;
const rowsPerPage = 100;
const numPages = numRows / rowsPerPage;
const columns = [
  { name: "id", type: "integer" },
  { name: "half", type: "double" },
  { name: "name", type: "varchar(10)" },
];
const rows = Array.from({ length: numRows }, (_, i) => [
  i,
  i % 5 === 0 ? null : i / 2,
  `tile ${i}`,
]);
const statement: Statement = {
  text: "SELECT id, half, name FROM many",
  values: [],
  types: { id: "integer", half: "number", name: "text" },
};
const retries = { ...patientRetries, wait: async () => {} };

/** What must come of a fault that comes once, and of one that comes again and again. */
const outcomes: readonly { fault: TrinoFault; once: "rows" | RegExp; always: RegExp }[] = [
  { fault: "502", once: "rows", always: /the server answered 502 \(after 8 tries\)/ },
  { fault: "503", once: "rows", always: /the server answered 503 \(after 8 tries\)/ },
  { fault: "504", once: "rows", always: /the server answered 504 \(after 8 tries\)/ },
  { fault: "429", once: "rows", always: /the server answered 429 \(after 8 tries\)/ },
  { fault: "500", once: "rows", always: /the server answered 500 \(after 8 tries\)/ },
  { fault: "410", once: "rows", always: /the server answered 410 \(after 8 tries\)/ },
  { fault: "cut", once: "rows", always: /no answer: .* \(after 8 tries\)/ },
  { fault: "reset", once: "rows", always: /no answer: .* \(after 8 tries\)/ },
  { fault: "garbage", once: "rows", always: /no page of a result, or half of one/ },
  { fault: "early end", once: "rows", always: /the last page says that the query is RUNNING/ },
  { fault: "internal error", once: "rows", always: /a worker is gone \(after 8 tries\)/ },
  { fault: "cancelled", once: /Query was canceled$/, always: /Query was canceled$/ },
  { fault: "bad value", once: /Cannot cast '12 cubes'/, always: /Cannot cast '12 cubes'/ },
  { fault: "wrong type", once: /id is "12 cubes" in a row/, always: /id is "12 cubes" in a row/ },
  { fault: "null", once: /id is null in a row/, always: /id is null in a row/ },
  { fault: "short row", once: /expected 3 values in a row, got 2/, always: /got 2/ },
  { fault: "other columns", once: /expected 3 columns, got 2/, always: /got 2/ },
  {
    fault: "columns of other types",
    once: /id is expected to be integer; in the database it is boolean/,
    always: /it is boolean/,
  },
  { fault: "other query", once: /for another query/, always: /for another query/ },
  { fault: "elsewhere", once: /the next page is at/, always: /X-Forwarded/ },
  { fault: "itself", once: /as its own next one/, always: /as its own next one/ },
];

async function readWith(fault: TrinoFault, { page, isOnce }: { page: number; isOnce: boolean }) {
  await using fake = await FakeTrino.start({
    columns,
    rows,
    rowsPerPage,
    faultOf: (at) => {
      const isHere = at.page === page && (!isOnce || (at.query === 0 && at.attempt === 0));
      return isHere ? fault : null;
    },
  });
  const env = { TRINO_HOST: fake.origin, TRINO_CATALOG: "memory", TRINO_USER: "me" };
  await using reader = new ServerReader(trinoServer(trinoAddress(env), retries), {
    retries,
    note: () => {},
  });
  await using session = await reader.session(undefined);
  const found: unknown[][] = [];
  try {
    for await (const batch of session.rows(statement, undefined)) {
      for (let row = 0; row < batch.numRows; row++) {
        const half = Number(batch.columns.half?.[row]);
        const { id, name } = batch.columns;
        found.push([id?.[row], Number.isNaN(half) ? null : half, name?.[row]]);
      }
    }
    return { found, error: null, fake };
  } catch (error) {
    return { found, error, fake };
  }
}

test("of 200 faults none leaves a part of the rows: all come, or an error says why", async () => {
  let numFaults = 0;
  for (let round = 0; numFaults < 200; round++) {
    for (const { fault, once, always } of outcomes) {
      const isOnce = round % 3 !== 2;
      const page = (numFaults * 7) % numPages;
      numFaults += 1;
      const { found, error, fake } = await readWith(fault, { page, isOnce });
      const what = `${fault}, page ${page}, ${isOnce ? "once" : "always"}`;
      const wanted = isOnce ? once : always;
      if (wanted === "rows") {
        assert.equal(error, null, what);
        assert.deepEqual(found, rows, what);
        continue;
      }
      assert.ok(error instanceof CatalogueError, what);
      assert.match(error.message, wanted, what);
      assert.deepEqual(found, [], what);
      assert.equal(fake.statements.length > 0, true);
    }
  }
});

test("a value that the server cannot read is told as a row's, which asking again does not mend", async () => {
  const codes = {
    "bad value": "DATABASE_ROW",
    "wrong type": "DATABASE_ROW",
    cancelled: "DATABASE_READ",
  };
  for (const [fault, code] of Object.entries(codes)) {
    const { error } = await readWith(fault as TrinoFault, { page: 1, isOnce: false });
    assert.equal((error as CatalogueError).code, code);
  }
});

test("an answer without an end is left, and not asked for again", async () => {
  const { error, found, fake } = await readWith("flood", { page: 2, isOnce: false });
  assert.ok(error instanceof CatalogueError);
  assert.equal(error.code, "DATABASE_ROW");
  assert.match(error.message, /more than 160 MiB, which is no page of a result$/);
  assert.deepEqual([found, fake.statements.length, fake.cancelled], [[], 1, ["query_0"]]);
  assert.ok(fake.floodBytes < 400 * 2 ** 20, `${fake.floodBytes} bytes were sent`);
});

test("pages that name other columns than the first are an error", async () => {
  let numPages = 0;
  await using fake = await FakeTrino.start({
    get columns() {
      numPages += 1;
      return numPages < 3 ? columns : columns.with(2, { name: "other", type: "varchar(10)" });
    },
    ...{ rows, rowsPerPage, faultOf: () => null },
  });
  const env = { TRINO_HOST: fake.origin, TRINO_CATALOG: "memory", TRINO_USER: "me" };
  const server = trinoServer(trinoAddress(env), retries);
  await using reader = new ServerReader(server, { retries, note: () => {} });
  await using session = await reader.session(undefined);
  const read = async () => {
    for await (const _ of session.rows(statement, undefined));
  };
  await assert.rejects(read, { code: "DATABASE_ROW", message: /two pages name other columns$/ });
});

test("what a gateway breaks is asked for again, and the query goes on; a lost query begins anew", async () => {
  for (const [fault, numQueries] of [
    ["503", 1],
    ["cut", 1],
    ["410", 2],
    ["internal error", 2],
  ] as const) {
    const { fake, error } = await readWith(fault, { page: 3, isOnce: true });
    assert.deepEqual([fault, fake.statements.length, error], [fault, numQueries, null]);
  }
});

test("a query that is left, aborted or not understood is cancelled on the server", async () => {
  const broken = await readWith("short row", { page: 2, isOnce: true });
  assert.deepEqual(broken.fake.cancelled, ["query_0"]);
  const { fake } = await readWith("429", { page: 2, isOnce: true });
  assert.deepEqual(fake.cancelled, []);
  await using long = await FakeTrino.start({
    columns,
    rows: Array.from({ length: 70_000 }, () => [1, 2, "three"]),
    rowsPerPage: 10_000,
    faultOf: () => null,
  });
  const env = { TRINO_HOST: long.origin, TRINO_CATALOG: "memory", TRINO_USER: "me" };
  const server = trinoServer(trinoAddress(env), retries);
  await using reader = new ServerReader(server, { retries, note: () => {} });
  await using session = await reader.session(undefined);
  for await (const batch of session.rows(statement, undefined)) {
    assert.equal(batch.numRows, 65_536);
    break;
  }
  assert.deepEqual(long.cancelled, []); // all pages had come
  const controller = new AbortController();
  const reason = new Error("enough");
  const late = session.rows(statement, controller.signal)[Symbol.asyncIterator]();
  const first = late.next();
  while (long.statements.length < 2) await Promise.resolve(setImmediateTurn());
  controller.abort(reason);
  await assert.rejects(first, reason);
  assert.deepEqual(long.cancelled, ["query_1"]);
});

test("a catalogue that changes between the statements of a session is an error", async () => {
  let isChanged = false;
  await using fake = await FakeTrino.start({
    columns,
    get rows() {
      return isChanged ? rows.slice(1) : rows;
    },
    rowsPerPage: numRows,
    faultOf: () => null,
  });
  const env = { TRINO_HOST: fake.origin, TRINO_CATALOG: "memory", TRINO_USER: "me" };
  const server = trinoServer(trinoAddress(env), retries);
  await using reader = new ServerReader(server, { retries, note: () => {} });
  await using session = await reader.session(undefined);
  for await (const _ of session.rows(statement, undefined));
  isChanged = true;
  await assert.rejects(
    async () => {
      for await (const _ of session.rows(statement, undefined));
    },
    { code: "DATABASE_READ", message: /is no longer what the database has/ },
  );
});

const setImmediateTurn = () => new Promise<void>((resolve) => setImmediate(resolve));
