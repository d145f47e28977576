import type { Client } from "pg";
import { hideSecrets } from "../../secrets/index.ts";
import { DatabaseError } from "../server/errors.ts";
import { delayAfter, type RetryPolicy } from "../server/retry.ts";
import type { ColumnBatch } from "../sql/column-batch.ts";
import type { SqlSession, Statement } from "../sql/sql-reader.ts";
import { connect } from "./connect.ts";
import { readBatches } from "./read-batches.ts";
import { RowError } from "./row-error.ts";
import type { ServerAddress } from "./server-address.ts";
import { isTransient } from "./transient.ts";

export interface SessionOptions {
  readonly address: ServerAddress;
  readonly retries: RetryPolicy;
  readonly statementTimeoutMs: number;
  /** How long it may say nothing; else half a minute more than it may work on a statement. */
  readonly silentMs?: number;
  /** A remark for the user while a server is being waited for. */
  note(text: string): void;
}

/** A statement that was read, and the SHA-256 of each batch that came of it. */
interface Receipt {
  readonly statement: Statement;
  readonly digests: string[];
}

/**
 * Statements in one REPEATABLE READ transaction. When its server goes, everything is read again from
 * the beginning in a new transaction, and compared with what was already handed out: then all rows
 * are those of the new state, which has the old ones; or the session ends with an error.
 */
export class PostgresSession implements SqlSession {
  readonly #options: SessionOptions;
  /** Ends the session from outside, with its reason. */
  readonly #closed: AbortSignal;
  readonly #receipts: Receipt[] = [];
  #client: Client | null = null;
  #hasAnswered = false;
  #isReading = false;

  constructor(options: SessionOptions, closed: AbortSignal) {
    this.#options = options;
    this.#closed = closed;
  }

  async *rows(statement: Statement, signal: AbortSignal | undefined): AsyncGenerator<ColumnBatch> {
    if (this.#isReading) throw new Error("expected one statement of a session at a time");
    this.#isReading = true;
    try {
      const receipt: Receipt = { statement, digests: [] };
      const until = signal === undefined ? this.#closed : AbortSignal.any([signal, this.#closed]);
      for (let attempt = 1; ; attempt++) {
        try {
          yield* this.#unseen(statement, receipt, until);
          this.#receipts.push(receipt);
          return;
        } catch (error) {
          await this.#giveUp();
          until.throwIfAborted();
          await this.#pause(error, attempt, until);
        }
      }
    } finally {
      this.#isReading = false;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#giveUp();
  }

  /** The batches that come after those of the receipt, which are read again and compared. */
  async *#unseen(
    statement: Statement,
    { digests }: Receipt,
    signal: AbortSignal,
  ): AsyncGenerator<ColumnBatch> {
    const client = await this.#connected(signal);
    const stop = () => void client.end().catch(() => {});
    signal.addEventListener("abort", stop, { once: true });
    let isWhole = false;
    try {
      let place = 0;
      for await (const { batch, digest } of readBatches(client, statement, this.#limits())) {
        signal.throwIfAborted();
        const known = digests[place];
        place += 1;
        if (known === undefined) {
          digests.push(digest);
          yield batch;
        } else if (known !== digest) throw new ChangedError();
      }
      if (place < digests.length) throw new ChangedError();
      isWhole = true;
    } finally {
      signal.removeEventListener("abort", stop);
      if (!isWhole) await this.#giveUp();
    }
  }

  /** A connection on which the statements so far have given what they gave before. */
  async #connected(signal: AbortSignal): Promise<Client> {
    if (this.#client !== null) return this.#client;
    const { address, statementTimeoutMs } = this.#options;
    this.#client = await connect(address, { statementTimeoutMs, signal });
    this.#hasAnswered = true;
    for (const { statement, digests } of this.#receipts) {
      let place = 0;
      for await (const { digest } of readBatches(this.#client, statement, this.#limits())) {
        if (digests[place] !== digest) throw new ChangedError();
        place += 1;
      }
      if (place !== digests.length) throw new ChangedError();
    }
    return this.#client;
  }

  /** @throws when it is of no use to ask again. */
  async #pause(error: unknown, attempt: number, signal: AbortSignal): Promise<void> {
    const { retries, address, note } = this.#options;
    const attempts = this.#hasAnswered ? retries.attempts : retries.firstAttempts;
    if (!isTransient(error) || attempt >= attempts) throw this.#failed(error, attempt);
    const delayMs = delayAfter(attempt, retries);
    const again = `asked again in ${(delayMs / 1000).toFixed(1)} s`;
    note(`${address.place}: ${reason(error)}; ${again} (${attempt + 1} of ${attempts})`);
    await retries.wait(delayMs, signal);
  }

  async #giveUp(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    await client?.end();
  }

  #limits() {
    // The server ends a statement that takes too long; one that does not even do that is gone.
    const { statementTimeoutMs, silentMs = statementTimeoutMs + 30_000 } = this.#options;
    return { silentMs };
  }

  #failed(error: unknown, attempt: number): DatabaseError {
    const { place } = this.#options.address;
    const tries = attempt > 1 ? ` (after ${attempt} tries)` : "";
    const message = `${place}: ${reason(error)}${tries}`;
    if (error instanceof RowError) return new DatabaseError("DATABASE_ROW", message);
    const isUnknown = isTransient(error) && !this.#hasAnswered;
    const code = isUnknown || isRefusal(error) ? "DATABASE_CONNECT" : "DATABASE_READ";
    return new DatabaseError(code, message);
  }
}

class ChangedError extends Error {
  override readonly message =
    "the connection was lost, and what had been read is no longer what the database has";
}

/** The login was refused (class 28), or there is no such database (3D000). */
const isRefusal = (error: unknown) =>
  error instanceof Error && /^(?:28|3D000$)/.test((error as { code?: string }).code ?? "");

/** The causes are left out: pg's errors hold the connection's settings. */
function reason(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") {
    return error.errors.map(reason).join(", ");
  }
  return hideSecrets(error instanceof Error ? error.message : String(error));
}
