import type { Statement } from "../sql/sql-reader.ts";
import type { SealedBatch } from "./sealed-batch.ts";

/** A way to a server, on which statements are read one after the other. */
export interface Link {
  /** Leaving the loop ends the statement on the server. */
  read(statement: Statement, signal: AbortSignal): AsyncIterable<SealedBatch>;
  close(): Promise<void>;
}

/** What a {@link ReplayingSession} must know of a kind of server. */
export interface DatabaseServer {
  /** For people: without user and password. */
  readonly place: string;
  /** Whether statements of a link see one state of the data; else they are compared at the end. */
  readonly hasSnapshots: boolean;
  open(signal: AbortSignal): Promise<Link>;
  /** Whether it is worth asking again: the connection or the server went, not the question. */
  isTransient(error: unknown): boolean;
  /** Whether it says that a value of a row is none of its type: asked again, it would be no better. */
  isOfRow(error: unknown): boolean;
  /** Whether it does not want this user. */
  isRefusal(error: unknown): boolean;
}
