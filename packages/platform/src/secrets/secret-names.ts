/** Variables of which the whole family is somebody's account. */
const families = /^(?:SUPABASE|TRINO)_/;

/** Endings that say so by themselves: WANDB_API_KEY, HF_TOKEN, PGPASSWORD. */
const endings =
  /(?:PASSWORD|PASSWD|PASSPHRASE|(?:^|_)(?:PASS|SECRET|TOKEN|KEY|KEY_ID|APIKEY|CREDENTIALS?|COOKIE|DSN))$/i;

/** Where a server is, and what it is asked for, is in no way secret. */
const places = /_(?:HOST|PORT|CATALOG|SCHEMA|DBNAME|TIMEOUT)$/;

/** Whether the value of an environment variable is nobody's business, by its name. */
export const isSecretName = (name: string): boolean =>
  (families.test(name) || endings.test(name)) && !places.test(name);

/** A login is kept back too, but not where it is the name that stands in every path here. */
export const isLoginName = (name: string): boolean => /_USER$/.test(name);
