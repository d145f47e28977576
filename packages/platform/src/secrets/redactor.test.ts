import assert from "node:assert/strict";
import { userInfo } from "node:os";
import { test } from "node:test";
import { Redactor } from "./redactor.ts";
import { secretKind } from "./secret-names.ts";

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
  ["postgresql://me:123/er22@host/db", "postgresql://me:***@host/db"],
  ["https://me:123/er22@db.example.org/x", "https://me:***@db.example.org/x"],
  ["https://store.example.org:8080/a@v2.zarr", "https://store.example.org:8080/a@v2.zarr"],
  ["postgresql://me:hun ter22@host/db", "postgresql://me:***@host/db"],
  ["postgresql://me:h@n ter22@host/db", "postgresql://me:***@host/db"],
  ["postgresql://me:hun ter 22@host/db", "postgresql://me:***@host/db"],
  ["s3://a:b@c and s3://d:e@f", "s3://a:***@c and s3://d:***@f"],
  ["s3://bucket: no answer; ask me@mail.org", "s3://bucket: no answer; ask me@mail.org"],
  ["at https://host:8080 ask me@mail.org", "at https://host:8080 ask me@mail.org"],
  ["s3://me:p@ss/w#rd@host", "s3://me:${oc.env:SUPABASE_PASS}@host"],
  ["s3://me:${oc.env:SUPABASE_PASS}@host", "s3://me:${oc.env:SUPABASE_PASS}@host"],
  ["https://h/x?X-Amz-Credential=AK/1&n=2", "https://h/x?X-Amz-Credential=***&n=2"],
  ["https://h/x?access_key_id=AK", "https://h/x?access_key_id=***"],
] as const) {
  test(`${text} is shown as ${hidden}`, () => assert.equal(redactor.hide(text), hidden));
}

test("what was hidden in a saved config comes back where the variable is there", () => {
  const saved = { a: ["${oc.env:SUPABASE_PASS}"], b: "${oc.env:HOME_DIR}", c: 1, d: null };
  assert.deepEqual(redactor.show(saved), { ...saved, a: ["p@ss/w#rd"] });
  assert.deepEqual(new Redactor({}).show(saved), saved);
});

test("texts of data change; keys, numbers and what holds them do not", () => {
  const digits = new Redactor({ DB_PASS: "1234", DB_TOKEN: "it's: #odd", PGPASSWORD: "seed" });
  const data = { a: 1234, b: "1234", c: ["12345 of 1234"], "it's: #odd": null, seed: "seed" };
  assert.deepEqual(digits.hideIn(data), {
    a: 1234,
    b: "${oc.env:DB_PASS}",
    c: ["12345 of ${oc.env:DB_PASS}"],
    "it's: #odd": null,
    seed: "${oc.env:PGPASSWORD}",
  });
});

test("a secret that is a word is found as a whole word, also behind an escape", () => {
  const word = new Redactor({ PGPASSWORD: "main", DB_PASS: "hunter2" });
  for (const text of ["domain", "main_run", "mains", "hunter22"]) {
    assert.equal(word.hide(text), text);
    assert.equal(word.foundIn(text), null);
  }
  assert.equal(word.hide("a/main.x"), "a/${oc.env:PGPASSWORD}.x");
  assert.equal(word.hide(JSON.stringify("\nhunter2")), '"\\n${oc.env:DB_PASS}"');
  assert.equal(word.hide("%3Ahunter2"), "%3A${oc.env:DB_PASS}");
});

test("short values of keys and tokens are words like any other", () => {
  const env = {
    SORT_KEY: "data",
    CACHE_KEY: "main",
    DEPLOY_KEY: "train",
    SUPABASE_PROD_ID: "optim",
  };
  const text = "optim: train data of main";
  assert.equal(new Redactor(env).hide(text), text);
});

test("a text that holds a secret is told by the variable's name", () => {
  assert.equal(redactor.foundIn("run-p@ss/w#rd"), "SUPABASE_PASS");
  assert.equal(redactor.foundIn("run"), null);
});

test("a login is hidden where it is the user of a URL, unless it is the one in every path", () => {
  const postgres = new Redactor({ SUPABASE_USER: "postgres", TRINO_USER: "me.x" });
  for (const [text, hidden] of [
    ["postgres", "postgres"],
    ["postgres://me:hunter22@host/db", "postgres://me:***@host/db"],
    ["postgres://postgres:x@host/postgres", "postgres://${oc.env:SUPABASE_USER}:***@host/postgres"],
    ["postgres://postgres.id@host", "postgres://${oc.env:SUPABASE_USER}.id@host"],
    ["trino://me.x:y@host as me.x", "trino://${oc.env:TRINO_USER}:***@host as me.x"],
  ] as const) {
    assert.equal(postgres.hide(text), hidden);
  }
  assert.equal(postgres.foundIn("postgres-run"), null);
  const { username } = userInfo();
  const url = `s3://${username}@host`;
  assert.equal(new Redactor({ TRINO_USER: username }).hide(url), url);
});

test("a URL's password is hidden also where its parts are secrets by themselves", () => {
  const redactor = new Redactor({ PGPASSWORD: "postgres", DB_PASS: "host", MY_SECRET: "hunter22" });
  assert.equal(
    redactor.hide("postgres://postgres:hunt/er@host/db"),
    "postgres://${oc.env:PGPASSWORD}:***@${oc.env:DB_PASS}/db",
  );
  assert.equal(redactor.hide("s3://a:hunter22@b"), "s3://a:${oc.env:MY_SECRET}@b");
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
    secret.filter((name) => secretKind(name) === null),
    [],
  );
  assert.deepEqual(
    open.filter((name) => secretKind(name) !== null),
    [],
  );
});
