/** What a variable holds, by its name: a password, a key or token, or a login. */
export type SecretKind = "password" | "key" | "login";

/** Variables of which the whole family is somebody's account. */
const families = /^(?:SUPABASE|TRINO)_/;

/** Endings that say so by themselves: PGPASSWORD, CLIENT_SECRET. */
const passwords = /(?:PASSWORD|PASSWD|PASSPHRASE|(?:^|_)(?:PASS|SECRET))$/i;

/** WANDB_API_KEY, HF_TOKEN; but also SORT_KEY, which is none. */
const keys = /(?:^|_)(?:TOKEN|KEY|KEY_ID|APIKEY|CREDENTIALS?|COOKIE|DSN)$/i;

/** Where a server is, and what it is asked for, is in no way secret. */
const places = /_(?:HOST|PORT|CATALOG|SCHEMA|DBNAME|TIMEOUT)$/;

/** Null: its value is anybody's business. */
export function secretKind(name: string): SecretKind | null {
  if (places.test(name)) return null;
  if (passwords.test(name)) return "password";
  if (keys.test(name)) return "key";
  if (!families.test(name)) return null;
  return name.endsWith("_USER") ? "login" : "key";
}
