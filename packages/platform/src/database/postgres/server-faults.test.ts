import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import { type Fault, FaultyProxy } from "../../../test/support/faulty-proxy.ts";
import { postgresIsMissing } from "../../../test/support/postgres-programs.ts";
import { PostgresServer } from "../../../test/support/postgres-server.ts";
import { runInPostgres } from "../../../test/support/run-in-postgres.ts";
import { patientRetries, type RetryPolicy } from "../server/retry.ts";
import { ServerReader } from "../server/server-reader.ts";
import type { ColumnBatch } from "../sql/column-batch.ts";
import { postgresServer } from "./postgres-server.ts";

const skip = postgresIsMissing();
/** Two batches and a part of one. */
const numRows = 140_000;
/** 18 MB of DataRow messages: more than sockets hold, so that the server is not done too soon. */
const totalBytes = numRows * (7 + (4 + 4) + (4 + 8) + (4 + 97));
const statement = {
  text: "SELECT id, half, name FROM many ORDER BY id",
  values: [],
  types: { id: "integer", half: "number", name: "text" },
} as const;

let server: PostgresServer;
let expected: string;

before(async () => {
  if (skip !== false) return;
  server = await PostgresServer.start();
  await fill(server);
  expected = (await read(directly(), [])).hash;
});
after(() => server?.[Symbol.asyncDispose]());

/** A seeded draw, so that a failing trial can be repeated. */
const place = (trial: number) => ((trial * 0.618033988749895) % 1) * 0.95 + 0.01;

for (const [name, trials] of [
  ["a connection that is cut", 25],
  ["a backend that is ended by its administrator", 10],
] as const) {
  test(`${name} costs a second try, and no row: ${trials} of ${trials}`, { skip }, async () => {
    for (let trial = 0; trial < trials; trial++) {
      const isCut = name.startsWith("a connection");
      const afterBytes = Math.floor(place(trial) * totalBytes * (isCut ? 1 : 0.3));
      const fault: Fault = isCut
        ? { port: server.port, afterBytes, end: "cut" }
        : { port: server.port, afterBytes, act: endBackends };
      const { hash, numTries } = await read(through, [fault]);
      assert.equal(hash, expected, `trial ${trial}, after ${afterBytes} bytes`);
      assert.equal(numTries, 2);
    }
  });
}

test("a server that is killed and started again costs a second try: 6 of 6", { skip }, async () => {
  for (let trial = 0; trial < 6; trial++) {
    const afterBytes = Math.floor(place(trial) * totalBytes * 0.3);
    const act = async () => server.kill();
    const wait = () => server.startAgain();
    const fault: Fault = { port: server.port, afterBytes, act };
    const { hash, numTries } = await read(through, [fault], { wait });
    assert.equal(hash, expected, `trial ${trial}, after ${afterBytes} bytes`);
    assert.equal(numTries, 2);
  }
});

test("a failover to a server with the same rows goes on, to one with others ends with an error", {
  skip,
}, async () => {
  await using standby = await PostgresServer.start();
  await fill(standby);
  for (const trial of [0, 1, 2]) {
    const cut: Fault = { port: server.port, afterBytes: totalBytes * place(trial), end: "cut" };
    const to: Fault = { port: standby.port };
    assert.equal((await read(through, [cut, { port: null }, to])).hash, expected);
  }
  await execute(standby, "UPDATE many SET half = half + 1 WHERE id = 100");
  for (const share of [0.6, 0.7, 0.9]) {
    const cut: Fault = { port: server.port, afterBytes: totalBytes * share, end: "cut" };
    await assert.rejects(read(through, [cut, { port: standby.port }]), {
      code: "DATABASE_READ",
      message: /what had been read was read again, and is no longer what the database has/,
    });
  }
});

test("a row that is written while it is read again is in the rows, or they end with an error", {
  skip,
}, async () => {
  // Beyond what was handed out before the cut, a new state is as good as the old one.
  const cut: Fault = { port: server.port, afterBytes: totalBytes * 0.7, end: "cut" };
  const insert = async () => {
    await execute(server, `INSERT INTO many VALUES (${numRows}, 0, 'late')`);
  };
  try {
    const { hash, count } = await read(through, [cut], { wait: insert });
    assert.equal(count, numRows + 1);
    assert.equal(hash, (await read(directly(), [])).hash);
  } finally {
    await execute(server, `DELETE FROM many WHERE id = ${numRows}`);
  }
});

test("a server that is too slow is an error that says so, and is not asked again", {
  skip,
}, async () => {
  const slow = { ...statement, text: "SELECT id, half, name FROM many, pg_sleep(600)" };
  await using reader = readerOf({ port: server.port, statementTimeoutMs: 50 });
  await using session = await reader.session(undefined);
  await assert.rejects(collect(session.rows(slow, undefined)), {
    code: "DATABASE_READ",
    message: /canceling statement due to statement timeout$/,
  });
});

test("a server that falls silent is given up, and asked again", { skip }, async () => {
  const stall: Fault = { port: server.port, afterBytes: totalBytes * 0.4, end: "stall" };
  const { hash, numTries } = await read(through, [stall], { silentMs: 5_000 });
  assert.equal(hash, expected);
  assert.equal(numTries >= 2, true); // on a very slow machine a good connection is silent too
});

test("a server that stays away is an error after the last try, with nothing half", {
  skip,
}, async () => {
  const cut: Fault = { port: server.port, afterBytes: totalBytes * 0.5, end: "cut" };
  const gone: Fault = { port: null };
  const attempts = patientRetries.attempts;
  await assert.rejects(read(through, [cut, ...Array<Fault>(attempts).fill(gone)]), {
    code: "DATABASE_READ",
    message: new RegExp(`\\(after ${attempts} tries\\)$`),
  });
});

test("earlier statements of a session are read again with the one that was cut", {
  skip,
}, async () => {
  let connections = 0;
  const cut = () => (connections++ === 0 ? { afterBytes: totalBytes * 1.4 } : {});
  await using proxy = await FaultyProxy.start(() => ({
    port: server.port,
    end: "cut",
    ...cut(),
  }));
  for (const isChanged of [false, true]) {
    connections = 0;
    const change = async () => {
      if (isChanged) await execute(server, "UPDATE many SET half = half + 1 WHERE id = 5");
    };
    await using reader = readerOf({ port: proxy.port, wait: change });
    await using session = await reader.session(undefined);
    assert.equal((await digest(session.rows(statement, undefined))).hash, expected);
    const again = digest(session.rows(statement, undefined));
    if (isChanged) await assert.rejects(again, { code: "DATABASE_READ" });
    else assert.equal((await again).hash, expected);
  }
  await execute(server, "UPDATE many SET half = half - 1 WHERE id = 5");
});

test("leaving a read early, or aborting it, ends its backend", { skip }, async () => {
  const controller = new AbortController();
  await using reader = readerOf({ port: server.port });
  {
    await using session = await reader.session(undefined);
    for await (const batch of session.rows(statement, undefined)) {
      assert.equal(batch.numRows, 65_536);
      break;
    }
  }
  await using session = await reader.session(controller.signal);
  const asleep = { ...statement, text: "SELECT id, half, name FROM many, pg_sleep(600)" };
  const reading = collect(session.rows(asleep, controller.signal));
  const reason = new Error("enough");
  while ((await backends()) === 0) await Promise.resolve();
  controller.abort(reason);
  await assert.rejects(reading, reason);
  while ((await backends()) > 0) await Promise.resolve();
});

interface Settings {
  readonly port: number;
  readonly statementTimeoutMs?: number;
  readonly silentMs?: number;
  readonly wait?: RetryPolicy["wait"];
}

function readerOf({ port, statementTimeoutMs = 0, silentMs, wait = async () => {} }: Settings) {
  const client = { connectionString: server.uriOf("postgres", port) };
  const address = { client, place: "the test's server" };
  const limits = { statementTimeoutMs, ...(silentMs === undefined ? {} : { silentMs }) };
  const retries = { ...patientRetries, wait };
  return new ServerReader(postgresServer(address, limits), { retries, note: () => {} });
}

type Way = (faults: readonly Fault[]) => Promise<{ port: number } & AsyncDisposable>;

/** The faults of the first connections; those after them have none. */
const through: Way = (faults) => {
  const [first] = faults;
  const port = faults.at(-1)?.port ?? first?.port ?? server.port;
  return FaultyProxy.start((connection) => faults[connection] ?? { port });
};
const directly = (): Way => async () => ({
  port: server.port,
  [Symbol.asyncDispose]: async () => {},
});

async function read(way: Way, faults: readonly Fault[], settings: Partial<Settings> = {}) {
  await using proxy = await way(faults);
  await using reader = readerOf({ ...settings, port: proxy.port });
  await using session = await reader.session(undefined);
  const found = await digest(session.rows(statement, undefined));
  return { ...found, numTries: proxy instanceof FaultyProxy ? proxy.numConnections : 1 };
}

async function collect(batches: AsyncIterable<ColumnBatch>): Promise<void> {
  for await (const _ of batches);
}

/** Count and SHA-256 of all values, in their order. */
async function digest(batches: AsyncIterable<ColumnBatch>) {
  const hash = createHash("sha256");
  let count = 0;
  for await (const { numRows, columns } of batches) {
    count += numRows;
    for (let row = 0; row < numRows; row++) {
      hash.update(`${columns.id?.[row]},${columns.half?.[row]},${columns.name?.[row]};`);
    }
  }
  return { hash: hash.digest("hex"), count };
}

async function fill(filled: PostgresServer): Promise<void> {
  await runInPostgres(filled.uri, [
    `CREATE TABLE many AS SELECT i AS id, i / 2.0::float8 AS half,
      repeat(md5(i::text), 3) || (i % 7) AS name FROM generate_series(0, ${numRows - 1}) AS i`,
    "ALTER TABLE many ADD PRIMARY KEY (id)",
    "VACUUM ANALYZE many",
  ]);
}

const execute = (on: PostgresServer, text: string) => runInPostgres(on.uri, [text]);

const ours = "application_name = 'cello' AND state = 'active'";

async function endBackends(): Promise<void> {
  await execute(server, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${ours}`);
}

async function backends(): Promise<number> {
  const answer = await execute(server, `SELECT FROM pg_stat_activity WHERE ${ours}`);
  return answer?.rowCount ?? 0;
}
