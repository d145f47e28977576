import type { Client } from "pg";
import type { SealedBatch } from "../server/sealed-batch.ts";
import type { Statement } from "../sql/sql-reader.ts";
import { BatchBuilder } from "./batch-builder.ts";
import { BinaryQuery } from "./binary-query.ts";
import { boundText } from "./bound-text.ts";

/** Batches that are made before anybody asks for them; then the server has to wait. */
const readAhead = 2;

/**
 * Streams a statement's result. Leaving the loop, or an error, gives up the connection: nothing else
 * tells the server at once that its rows are not wanted.
 */
export async function* readBatches(
  client: Client,
  statement: Statement,
  { silentMs, signal }: { readonly silentMs: number; readonly signal: AbortSignal },
): AsyncGenerator<SealedBatch> {
  const queue: SealedBatch[] = [];
  let state: { readonly isEnded: boolean; readonly error?: unknown } = { isEnded: false };
  let news = Promise.withResolvers<void>();
  const tell = () => {
    news.resolve();
    news = Promise.withResolvers();
  };
  const builder = new BatchBuilder(statement.types, (sealed) => {
    queue.push(sealed);
    if (queue.length >= readAhead) query.pause();
    tell();
  });
  const values = statement.values.map(boundText);
  const query = new BinaryQuery({ text: statement.text, values }, builder, silentMs);
  const end = (how: { readonly isEnded: boolean; readonly error?: unknown }) => {
    state = how;
    tell();
  };
  const stop = () => void client.end().catch(() => {});
  signal.throwIfAborted();
  signal.addEventListener("abort", stop, { once: true });
  client.query(query);
  query.ended.then(
    () => {
      builder.seal();
      end({ isEnded: true });
    },
    (error: unknown) => end({ isEnded: false, error }),
  );
  try {
    for (;;) {
      const waiting = news.promise;
      const next = queue.shift();
      if (next !== undefined) {
        if (queue.length < readAhead) query.resume();
        yield next;
      } else if (state.isEnded) return;
      else if ("error" in state) throw state.error;
      else await waiting;
    }
  } finally {
    signal.removeEventListener("abort", stop);
    if (!state.isEnded) await client.end();
  }
}
