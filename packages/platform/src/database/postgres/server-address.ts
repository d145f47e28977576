import { isIP } from "node:net";
import type { ClientConfig } from "pg";
import { parse, toClientConfig } from "pg-connection-string";
import { CatalogueError } from "../errors.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Which server, by the reference platform's names. */
export type ServerName = "prod" | "staging" | "local";

export interface ServerAddress {
  readonly client: ClientConfig;
  /** For people: host, port and database, without user and password. */
  readonly place: string;
}

const variables = {
  prod: "SUPABASE_PROD_URI",
  staging: "SUPABASE_STAGING_URI",
  local: "SUPABASE_LOCAL_URI",
} as const;

/**
 * The server of a name, from the variables that the reference platform has for it. The sandbox on
 * this machine may have its port alone: SUPABASE_LOCAL_PORT, and `head_node_ip` for another host.
 *
 * Connections that leave the machine are encrypted unless the URI or PGSSLMODE says
 * `sslmode=disable`; certificates are checked with `verify-full`, as libpq does it.
 *
 * @throws {@link CatalogueError} DATABASE_ADDRESS; no part of a URI is in its message.
 */
export function serverAddress(name: ServerName, env: Environment): ServerAddress {
  const uri = env[variables[name]] || (name === "local" ? localUri(env) : undefined);
  if (uri === undefined) {
    const also = name === "local" ? ", nor is SUPABASE_LOCAL_PORT" : "";
    const message = `dbname is ${name}, and ${variables[name]} is not set${also}`;
    throw new CatalogueError("DATABASE_ADDRESS", message);
  }
  return addressOf(uri, { variable: variables[name], env });
}

function localUri(env: Environment): string | undefined {
  const port = env.SUPABASE_LOCAL_PORT;
  if (!port) return undefined;
  const host = env.head_node_ip || "127.0.0.1";
  return `postgresql://postgres@${isIP(host) === 6 ? `[${host}]` : host}:${port}/postgres`;
}

function addressOf(
  uri: string,
  { variable, env }: { readonly variable: string; readonly env: Environment },
): ServerAddress {
  if (!/^postgres(?:ql)?:\/\/./.test(uri)) throw unread(variable);
  let client: ClientConfig;
  try {
    client = toClientConfig(parse(uri, { useLibpqCompat: true })) as ClientConfig;
  } catch {
    throw unread(variable); // without the cause: it may quote the URI
  }
  const host = client.host || "localhost";
  const ssl = client.ssl ?? (isHere(host) || env.PGSSLMODE === "disable" ? false : unchecked);
  const place = `${host}:${client.port ?? 5432}/${client.database ?? "postgres"}`;
  return { client: { ...client, host, ssl }, place };
}

/** Encrypted, with whatever certificate: as libpq's `sslmode=require`. */
const unchecked = { rejectUnauthorized: false };

const isHere = (host: string) =>
  host === "localhost" || host === "::1" || host.startsWith("127.") || host.startsWith("/");

function unread(variable: string): CatalogueError {
  const message = `${variable} is expected to be postgresql://USER:PASSWORD@HOST:PORT/DATABASE, with characters like @ / # % in the password written as %40 %2F %23 %25`;
  return new CatalogueError("DATABASE_ADDRESS", message);
}
