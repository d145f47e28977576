import assert from "node:assert/strict";
import { test } from "node:test";
import type { Database } from "../database.ts";
import { ask, collect, flatRows, sorted, suiteRows } from "./suite-rows.fixture.ts";

/** How rows and tiles come, and what becomes of a query that is left. */
export function readingSuite(kind: string, open: () => Promise<Database>): void {
  test(`${kind}: a loop that is left early, and again, leaves nothing behind`, async () => {
    await using database = await open();
    for (let round = 0; round < 20; round++) {
      for await (const { numRows } of database.hypercubes({})) {
        assert.ok(numRows > 0);
        break;
      }
    }
    assert.equal((await ask(open, {})).length, flatRows().length);
  });

  test(`${kind}: tiles come with everything that was stored`, async () => {
    await using database = await open();
    const tiles = await collect(database.tiles());
    const stored = sorted(suiteRows()).map(({ tile }) => ({ ...tile, server_folder: "/server" }));
    assert.deepEqual(tiles, stored);
  });

  test(`${kind}: closing it under a query ends the query with an error`, async () => {
    const database = await open();
    const rows = database.hypercubes({})[Symbol.asyncIterator]();
    await rows.next();
    const late = collect(database.hypercubes({}));
    late.catch(() => {}); // it is awaited below
    await database[Symbol.asyncDispose]();
    await assert.rejects(late, { code: "CATALOGUE_QUERY" });
  });

  test(`${kind}: a query that is aborted ends with the reason`, async () => {
    await using database = await open();
    const reason = new Error("enough");
    const read = collect(database.hypercubes({}, { signal: AbortSignal.abort(reason) }));
    await assert.rejects(read, reason);
  });
}
