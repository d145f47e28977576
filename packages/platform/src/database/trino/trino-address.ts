import { CatalogueError } from "../errors.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export interface TrinoAddress {
  /** Where statements are posted. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly schema: string;
  /** For people: host, catalogue and schema, without user and password. */
  readonly place: string;
}

/**
 * The coordinator, from TRINO_HOST (a name, or `https://NAME:PORT`), TRINO_PORT, TRINO_CATALOG,
 * TRINO_SCHEMA and TRINO_USER; and TRINO_PASS or TRINO_JWT where it wants them.
 *
 * @throws {@link CatalogueError} DATABASE_ADDRESS, also for a password that would travel unencrypted.
 */
export function trinoAddress(env: Environment): TrinoAddress {
  const { TRINO_HOST: host, TRINO_CATALOG: catalog, TRINO_USER: user } = env;
  const lacks = Object.entries({ TRINO_HOST: host, TRINO_CATALOG: catalog, TRINO_USER: user })
    .filter(([, value]) => !value)
    .map(([name]) => name);
  if (!host || !catalog || !user) throw refused(`${lacks.join(" and ")} must be set`);
  const schema = env.TRINO_SCHEMA || "public";
  const base = baseOf(host, env.TRINO_PORT);
  const { TRINO_PASS: password, TRINO_JWT: token } = env;
  if ((password || token) && base.protocol !== "https:") {
    throw refused(
      "TRINO_PASS or TRINO_JWT is set, and TRINO_HOST is not https: it would travel unencrypted",
    );
  }
  const login = Buffer.from(`${user}:${password}`).toString("base64");
  const authorization = token ? `Bearer ${token}` : password ? `Basic ${login}` : undefined;
  return {
    url: new URL("/v1/statement", base).href,
    headers: {
      "X-Trino-User": user,
      "X-Trino-Source": "cello",
      "X-Trino-Catalog": catalog,
      "X-Trino-Schema": schema,
      ...(authorization === undefined ? {} : { Authorization: authorization }),
    },
    schema,
    place: `${base.host}/${catalog}/${schema}`,
  };
}

/** Encrypted, unless http is written out. */
function baseOf(host: string, port: string | undefined): URL {
  const text = /^https?:\/\//.test(host) ? host : `https://${host}`;
  let base: URL;
  try {
    base = new URL(text);
    if (port) base.port = port;
  } catch {
    throw refused("TRINO_HOST is expected to be a name, or https://NAME:PORT");
  }
  if (base.username || base.password) {
    throw refused("TRINO_HOST has a user in it, who belongs into TRINO_USER and TRINO_PASS");
  }
  return base;
}

const refused = (message: string) => new CatalogueError("DATABASE_ADDRESS", message);
