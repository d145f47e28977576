import pg from "pg";

/** Runs statements one after the other on a connection of their own; the last one's answer. */
export async function runInPostgres(
  uri: string,
  statements: readonly string[],
): Promise<pg.QueryResult | undefined> {
  const client = new pg.Client(uri);
  await client.connect();
  try {
    let answer: pg.QueryResult | undefined;
    for (const text of statements) answer = await client.query(text);
    return answer;
  } finally {
    await client.end();
  }
}
