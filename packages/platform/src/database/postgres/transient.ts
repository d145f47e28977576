import { RowError } from "../server/row-error.ts";

/** Failures of the network, by Node's names for them. */
const network = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EAI_AGAIN",
  "ENOTFOUND", // while a failover changes the name
]);

/**
 * What a server says when another try may go well: connection exceptions (class 08), too many
 * connections, shut down, crashed, not yet up, a conflict with a standby's recovery.
 *
 * Source: PostgreSQL's manual, appendix A, "PostgreSQL Error Codes".
 */
const states = /^(?:08|53300$|57P0[123]$|40001$|40P01$)/;

/** Whether it is worth asking again: the connection or the server went, not the question. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof RowError) return false;
  const { code } = error as { code?: unknown };
  if (typeof code === "string") return network.has(code) || states.test(code);
  if (error instanceof AggregateError) return error.errors.some(isTransient); // of all its addresses
  return /^Connection terminated|timeout expired|connection timeout/.test(error.message); // pg's own
}
