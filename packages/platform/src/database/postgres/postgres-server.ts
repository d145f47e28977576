import type { DatabaseServer, Link } from "../server/database-server.ts";
import { connect } from "./connect.ts";
import { readBatches } from "./read-batches.ts";
import type { ServerAddress } from "./server-address.ts";
import { isTransient } from "./transient.ts";

export interface PostgresLimits {
  /** How long the server may work on one statement. */
  readonly statementTimeoutMs: number;
  /** How long it may say nothing; else half a minute more, for it ends what takes too long. */
  readonly silentMs?: number;
}

/** A PostgreSQL; a link to it is a connection with a REPEATABLE READ transaction. */
export function postgresServer(address: ServerAddress, limits: PostgresLimits): DatabaseServer {
  const { statementTimeoutMs, silentMs = statementTimeoutMs + 30_000 } = limits;
  return {
    place: address.place,
    hasSnapshots: true,
    async open(signal): Promise<Link> {
      const client = await connect(address, { statementTimeoutMs, signal });
      return {
        read: (statement, until) => readBatches(client, statement, { silentMs, signal: until }),
        close: () => client.end(),
      };
    },
    isTransient,
    isOfRow: (error) => hasState(error, /^22(?:003|012|03.|P02)$/),
    isRefusal: (error) => hasState(error, /^(?:28|3D000$)/),
  };
}

/**
 * Of class 22, "data exception", those of values: a text that is no number or no JSON, a number out of
 * range (a NUL in a name is of that class, too). Class 28 is a login that was refused, and 3D000 a
 * database that is not there.
 *
 * Source: PostgreSQL's manual, appendix A, "PostgreSQL Error Codes".
 */
const hasState = (error: unknown, states: RegExp) =>
  error instanceof Error && states.test((error as { code?: string }).code ?? "");
