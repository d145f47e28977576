import { hideSecrets } from "../../secrets/index.ts";
import { CatalogueError } from "../errors.ts";
import type { ColumnBatch } from "../sql/column-batch.ts";
import type { SqlSession, Statement } from "../sql/sql-reader.ts";
import type { DatabaseServer, Link } from "./database-server.ts";
import { delayAfter, type RetryPolicy } from "./retry.ts";
import { RowError } from "./row-error.ts";

export interface SessionOptions {
  readonly retries: RetryPolicy;
  /** A remark for the user while a server is being waited for. */
  note(text: string): void;
}

/** A statement that was read, and the digest of each batch that came of it. */
interface Receipt {
  readonly statement: Statement;
  readonly digests: string[];
}

/**
 * Statements that see one state of the data. When their server goes, everything is read again from
 * the beginning, and compared with what was already handed out: then all rows are those of the new
 * state, which has the old ones; or the session ends with an error.
 */
export class ReplayingSession implements SqlSession {
  readonly #server: DatabaseServer;
  readonly #options: SessionOptions;
  /** Ends the session from outside, with its reason. */
  readonly #closed: AbortSignal;
  readonly #receipts: Receipt[] = [];
  #link: Link | null = null;
  #hasAnswered = false;
  #isReading = false;

  constructor(server: DatabaseServer, options: SessionOptions, closed: AbortSignal) {
    this.#server = server;
    this.#options = options;
    this.#closed = closed;
  }

  async *rows(
    statement: Statement,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<ColumnBatch, void, undefined> {
    if (this.#isReading) throw new Error("expected one statement of a session at a time");
    this.#isReading = true;
    const until = signal === undefined ? this.#closed : AbortSignal.any([signal, this.#closed]);
    try {
      const receipt: Receipt = { statement, digests: [] };
      for (let attempt = 1; ; attempt++) {
        try {
          yield* this.#unseen(receipt, until);
          if (!this.#server.hasSnapshots) await this.#replay(await this.#opened(until), until);
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
    { statement, digests }: Receipt,
    signal: AbortSignal,
  ): AsyncGenerator<ColumnBatch, void, undefined> {
    const link = await this.#opened(signal);
    let isWhole = false;
    try {
      let place = 0;
      for await (const { batch, digest } of link.read(statement, signal)) {
        const known = digests[place];
        place += 1;
        if (known === undefined) {
          digests.push(digest);
          yield batch;
          signal.throwIfAborted();
        } else if (known !== digest) throw new ChangedError();
      }
      if (place < digests.length) throw new ChangedError();
      isWhole = true;
    } finally {
      if (!isWhole) await this.#giveUp();
    }
  }

  /** A link on which the statements so far have given what they gave before. */
  async #opened(signal: AbortSignal): Promise<Link> {
    if (this.#link !== null) return this.#link;
    signal.throwIfAborted();
    this.#link = await this.#server.open(signal);
    this.#hasAnswered = true;
    await this.#replay(this.#link, signal);
    return this.#link;
  }

  async #replay(link: Link, signal: AbortSignal): Promise<void> {
    for (const { statement, digests } of this.#receipts) {
      let place = 0;
      for await (const { digest } of link.read(statement, signal)) {
        if (digests[place] !== digest) throw new ChangedError();
        place += 1;
      }
      if (place !== digests.length) throw new ChangedError();
    }
  }

  /** @throws when it is of no use to ask again. */
  async #pause(error: unknown, attempt: number, signal: AbortSignal): Promise<void> {
    const { retries, note } = this.#options;
    const attempts = this.#hasAnswered ? retries.attempts : retries.firstAttempts;
    if (!this.#server.isTransient(error) || attempt >= attempts) throw this.#failed(error, attempt);
    const delayMs = delayAfter(attempt, retries);
    const again = `asked again in ${(delayMs / 1000).toFixed(1)} s (${attempt + 1} of ${attempts})`;
    note(`${this.#server.place}: ${reason(error)}; ${again}`);
    await retries.wait(delayMs, signal);
  }

  async #giveUp(): Promise<void> {
    const link = this.#link;
    this.#link = null;
    await link?.close();
  }

  /** Without the cause: clients put their settings into their errors. */
  #failed(error: unknown, attempt: number): CatalogueError {
    const tries = attempt > 1 ? ` (after ${attempt} tries)` : "";
    const message = `${this.#server.place}: ${reason(error)}${tries}`;
    const isOfRow = error instanceof RowError || this.#server.isOfRow(error);
    if (isOfRow) return new CatalogueError("DATABASE_ROW", message);
    const isUnknown = this.#server.isTransient(error) && !this.#hasAnswered;
    const code = isUnknown || this.#server.isRefusal(error) ? "DATABASE_CONNECT" : "DATABASE_READ";
    return new CatalogueError(code, message);
  }
}

class ChangedError extends Error {
  override readonly message =
    "what had been read was read again, and is no longer what the database has";
}

function reason(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") {
    return error.errors.map(reason).join(", "); // one for each address of a host
  }
  return hideSecrets(error instanceof Error ? error.message : String(error));
}
