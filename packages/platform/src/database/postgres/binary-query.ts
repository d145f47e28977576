import type { Socket } from "node:net";
import type { Connection, Submittable } from "pg";
import { MessageGatherer, runAt } from "./whole-messages.ts";

/** What a column is called, and its type's number in the server's catalogue (`pg_type.oid`). */
export interface Field {
  readonly name: string;
  readonly dataTypeID: number;
}

/** Takes the rows of a {@link BinaryQuery} as they come off the connection. */
export interface RowSink {
  begin(fields: readonly Field[]): void;
  /**
   * Whole DataRow messages, one after the other: the code, the length and the number of columns (1,
   * 4 and 2 bytes); then for each column its length as int32, -1 for NULL, and its bytes.
   *
   * @returns how many rows they were.
   */
  rows(bytes: Buffer): number;
}

/**
 * A query with bound values whose rows come in PostgreSQL's binary format and are never made into
 * objects. `pg` connects, signs in and speaks the protocol; here only its DataRow messages are
 * taken out of the stream before `pg` would make strings of them. It is handed to `client.query`.
 *
 * Source: PostgreSQL's manual, "Frontend/Backend Protocol": "Extended Query", "Message Formats";
 * pg-copy-streams takes the stream over in the same way.
 */
export class BinaryQuery implements Submittable {
  readonly #text: string;
  readonly #values: readonly string[];
  readonly #sink: RowSink;
  readonly #silentMs: number;
  readonly #ended = Promise.withResolvers<void>();
  #numRows = 0;
  #error: unknown;
  #stream: Socket | null = null;
  #untap = () => {};

  /** @param silentMs - a server that says nothing for so long is given up, with ETIMEDOUT. */
  constructor(
    { text, values }: { readonly text: string; readonly values: readonly string[] },
    sink: RowSink,
    silentMs: number,
  ) {
    this.#text = text;
    this.#values = values;
    this.#sink = sink;
    this.#silentMs = silentMs;
    this.#ended.promise.catch(() => {}); // whoever waits for it sees the error
  }

  /** Ends when the server has sent all rows, and as many as it says. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** Leaves what is still to come with the server, which then waits. */
  pause(): void {
    this.#stream?.setTimeout(0);
    this.#stream?.pause();
  }

  resume(): void {
    this.#stream?.setTimeout(this.#silentMs);
    this.#stream?.resume();
  }

  submit(connection: Connection): void {
    this.#tap(connection);
    connection.parse({ name: "", text: this.#text, types: [] }, true);
    const values = [...this.#values];
    connection.bind({ portal: "", statement: "", values, binary: "true" } as never, true);
    connection.describe({ type: "P", name: "" }, true);
    connection.execute({ portal: "", rows: "" }, true);
    connection.sync();
  }

  handleRowDescription({ fields }: { readonly fields: readonly Field[] }): void {
    this.#sink.begin(fields);
  }

  /** @throws never: that the count differs is the query's error. */
  handleCommandComplete({ text }: { readonly text: string }): void {
    const said = Number(/\d+$/.exec(text)?.[0] ?? Number.NaN);
    if (said === this.#numRows) return;
    this.#error ??= new Error(`the server sent ${this.#numRows} rows, and says "${text}"`);
  }

  handleReadyForQuery(): void {
    this.#end(this.#error);
  }

  /** By a message of the server, after which it gets ready again; or the connection is gone. */
  handleError(error: unknown): void {
    this.#error ??= error;
    this.#end(this.#error);
  }

  #end(error: unknown): void {
    this.#untap();
    if (error === undefined) this.#ended.resolve();
    else this.#ended.reject(error);
  }

  #tap(connection: Connection): void {
    const stream = connection.stream as Socket; // or a TLSSocket, which is one
    this.#stream = stream;
    const giveUp = () => {
      const message = `the server has said nothing for ${this.#silentMs / 1000} s`;
      stream.destroy(Object.assign(new Error(message), { code: "ETIMEDOUT" }));
    };
    stream.setTimeout(this.#silentMs, giveUp);
    const listeners = stream.listeners("data") as ((bytes: Buffer) => void)[];
    const handOn = (bytes: Buffer) => {
      for (const listener of listeners) listener(bytes);
    };
    const gatherer = new MessageGatherer();
    let isTapped = true;
    const handOnMessages = (chunk: Buffer) => {
      const bytes = gatherer.add(chunk);
      if (bytes === null) return;
      let at = 0;
      while (isTapped && at < bytes.length) {
        const { end, isRows } = runAt(bytes, at);
        if (end === at) break;
        if (isRows) this.#take(stream, bytes.subarray(at, end));
        else handOn(bytes.subarray(at, end));
        at = end;
      }
      const rest = bytes.subarray(at);
      if (isTapped) gatherer.putBack(rest);
      else if (rest.length > 0) handOn(rest);
    };
    const take = (chunk: Buffer) => {
      try {
        handOnMessages(chunk);
      } catch (error) {
        stream.destroy(error as Error);
      }
    };
    this.#untap = () => {
      if (!isTapped) return;
      isTapped = false;
      this.#stream = null;
      stream.setTimeout(0).off("timeout", giveUp);
      for (const listener of listeners) stream.on("data", listener);
      stream.off("data", take);
    };
    stream.on("data", take);
    for (const listener of listeners) stream.off("data", listener);
  }

  #take(stream: Socket, rows: Buffer): void {
    if (this.#error !== undefined) return; // what is still on its way after it
    try {
      this.#numRows += this.#sink.rows(rows);
    } catch (error) {
      this.#error = error;
      stream.destroy();
    }
  }
}
