import assert from "node:assert/strict";
import { userInfo } from "node:os";
import { test } from "node:test";
import { Redactor } from "./redactor.ts";
import { isSecretName } from "./secret-names.ts";

const env = {
  SUPABASE_PASS: "p@ss/w#rd",
  SUPABASE_STAGING_URI: "postgresql://me.id:p@ss/w#rd@host:5432/postgres",
  WANDB_API_KEY: 'quoted"key',
  HOME_DIR: "/home/me",
  TRINO_PORT: "8443",
  SHORT_TOKEN: "abc",
};
const redactor = new Redactor(env);

for (const [text, hidden] of [
  ["p@ss/w#rd", "${oc.env:SUPABASE_PASS}"],
  ["xp@ss/w#rdx", "x${oc.env:SUPABASE_PASS}x"],
  ["p%40ss%2Fw%23rd", "${oc.env:SUPABASE_PASS}"],
  [env.SUPABASE_STAGING_URI, "${oc.env:SUPABASE_STAGING_URI}"],
  [JSON.stringify({ k: 'a quoted"key' }), '{"k":"a ${oc.env:WANDB_API_KEY}"}'],
  ["/home/me at port 8443, abc", "/home/me at port 8443, abc"],
  ["s3://user:other@bucket/x", "s3://user:***@bucket/x"],
  ["postgres://user:p@s/s@host/x", "postgres://user:***@host/x"],
  ["https://tok3n@host/path", "https://***@host/path"],
  ["https://host/x?a=1&api_token=t0k&b=2", "https://host/x?a=1&api_token=***&b=2"],
  ["https://host:8080/a@b", "https://host:8080/a@b"],
  ["ssh://git@host/x, me@mail.org", "ssh://git@host/x, me@mail.org"],
] as const) {
  test(`${text} is shown as ${hidden}`, () => assert.equal(redactor.hide(text), hidden));
}

test("what was hidden in a saved config comes back where the variable is there", () => {
  const saved = { a: ["${oc.env:SUPABASE_PASS}"], b: "${oc.env:HOME_DIR}", c: 1, d: null };
  assert.deepEqual(redactor.show(saved), { ...saved, a: ["p@ss/w#rd"] });
  assert.deepEqual(new Redactor({}).show(saved), saved);
});

test("data keeps its shape: texts and keys change, numbers and what holds them do not", () => {
  const digits = new Redactor({ DB_PASS: "1234", DB_TOKEN: "it's: #odd" });
  const data = { a: 1234, b: "1234", c: ["12345 of 1234"], "it's: #odd": null };
  assert.deepEqual(digits.hideIn(data), {
    a: 1234,
    b: "${oc.env:DB_PASS}",
    c: ["12345 of ${oc.env:DB_PASS}"],
    "${oc.env:DB_TOKEN}": null,
  });
});

test("a text that holds a secret is told by the variable's name", () => {
  assert.equal(redactor.foundIn("run-p@ss/w#rd"), "SUPABASE_PASS");
  assert.equal(redactor.foundIn("run"), null);
});

test("a login is hidden, unless it is the one in every path", () => {
  assert.equal(
    new Redactor({ TRINO_USER: "someone-else" }).hide("as someone-else"),
    "as ${oc.env:TRINO_USER}",
  );
  const { username } = userInfo();
  assert.equal(new Redactor({ TRINO_USER: username }).hide(username), username);
});

test("a name says whether its value is secret", () => {
  const secret = [
    "SUPABASE_USER",
    "SUPABASE_PROD_ID",
    "TRINO_PASS",
    "WANDB_API_KEY",
    "HF_TOKEN",
    "PGPASSWORD",
    "AWS_SECRET_ACCESS_KEY",
    "MY_SECRET",
    "github_token",
  ];
  const open = [
    "PATH",
    "PWD",
    "OLDPWD",
    "DATA_DIR",
    "REPO_NAME",
    "TRINO_HOST",
    "MONKEY",
    "KEYBOARD",
    "COMPASS",
    "BYPASS",
  ];
  assert.deepEqual(
    secret.filter((name) => !isSecretName(name)),
    [],
  );
  assert.deepEqual(open.filter(isSecretName), []);
});
