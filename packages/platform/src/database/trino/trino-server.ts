import type { DatabaseServer } from "../server/database-server.ts";
import type { RetryPolicy } from "../server/retry.ts";
import { RowError } from "../server/row-error.ts";
import type { SealedBatch } from "../server/sealed-batch.ts";
import type { Statement } from "../sql/sql-reader.ts";
import { executeImmediate } from "./execute-immediate.ts";
import { RowBatcher } from "./row-batcher.ts";
import type { TrinoAddress } from "./trino-address.ts";
import { trinoPages } from "./trino-client.ts";
import { canRetryQuery, ofRows, TrinoAnswerError, TrinoQueryError } from "./trino-errors.ts";

/** A Trino coordinator. Its catalogues know no snapshots, so statements are compared at the end. */
export function trinoServer(address: TrinoAddress, retries: RetryPolicy): DatabaseServer {
  let hasAnswered = false;
  async function* read(statement: Statement, signal: AbortSignal): AsyncGenerator<SealedBatch> {
    const batcher = new RowBatcher(statement.types);
    let named: string | null = null;
    for await (const page of trinoPages(address, executeImmediate(statement), {
      retries,
      signal,
    })) {
      if (page.columns !== undefined) {
        batcher.begin(page.columns);
        const columns = JSON.stringify(page.columns);
        if (columns !== (named ?? columns)) throw new RowError("two pages name other columns");
        named = columns;
      }
      if (page.data === undefined) continue;
      if (named === null) throw new RowError("the server sent rows before it named their columns");
      yield* batcher.add(page.data);
    }
    if (named === null) throw new RowError("the server named no columns");
    yield* batcher.rest();
  }
  return {
    place: address.place,
    hasSnapshots: false,
    async open(signal) {
      if (hasAnswered) return { read, close: async () => {} };
      const hello: Statement = { text: "SELECT 1 AS one", values: [], types: { one: "integer" } };
      for await (const _ of read(hello, signal));
      hasAnswered = true;
      return { read, close: async () => {} };
    },
    isTransient: canRetryQuery,
    isOfRow: (error) => error instanceof TrinoQueryError && ofRows.has(error.errorName),
    isRefusal: (error) => error instanceof TrinoAnswerError && [401, 403].includes(error.status),
  };
}
