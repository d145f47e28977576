import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { postgresIsMissing } from "../../../test/support/postgres-programs.ts";
import { PostgresServer } from "../../../test/support/postgres-server.ts";
import { connect } from "./connect.ts";
import { serverAddress } from "./server-address.ts";

test("a server's address comes from the variable of its name", () => {
  const env = {
    SUPABASE_PROD_URI: "postgresql://me:p%40ss%2F%23@db.example.org:6543/rows",
    SUPABASE_STAGING_URI: "postgres://me@127.0.0.1/staging",
    SUPABASE_LOCAL_PORT: "54322",
  };
  const prod = serverAddress("prod", env);
  assert.equal(prod.place, "db.example.org:6543/rows");
  assert.equal(prod.client.password, "p@ss/#");
  assert.deepEqual(prod.client.ssl, { rejectUnauthorized: false });
  const staging = serverAddress("staging", env);
  assert.deepEqual([staging.place, staging.client.ssl], ["127.0.0.1:5432/staging", false]);
  const local = serverAddress("local", env);
  assert.deepEqual([local.place, local.client.user], ["127.0.0.1:54322/postgres", "postgres"]);
  assert.equal(
    serverAddress("local", { ...env, head_node_ip: "10.0.0.9" }).client.host,
    "10.0.0.9",
  );
});

test("encryption is as the URI says", () => {
  const sslOf = (query: string) =>
    serverAddress("prod", { SUPABASE_PROD_URI: `postgresql://db.example.org/rows?${query}` }).client
      .ssl;
  assert.equal(sslOf("sslmode=disable"), false);
  assert.deepEqual({ ...(sslOf("sslmode=require") as object) }, { rejectUnauthorized: false });
  assert.deepEqual({ ...(sslOf("sslmode=verify-full") as object) }, {});
});

test("what is missing or unreadable is named, and no part of it is told", () => {
  assert.throws(() => serverAddress("prod", {}), {
    code: "DATABASE_ADDRESS",
    message: "dbname is prod, and SUPABASE_PROD_URI is not set",
  });
  for (const uri of ["sesame", "postgresql://", "postgresql://me:sesame@host:no/rows"]) {
    assert.throws(
      () => serverAddress("prod", { SUPABASE_PROD_URI: uri }),
      (error: Error) => {
        assert.match(error.message, /^SUPABASE_PROD_URI is expected to be postgresql:/);
        assert.ok(!/ses/.test(JSON.stringify(error, Object.getOwnPropertyNames(error))));
        return true;
      },
    );
  }
});

test("a connection is encrypted, and its certificate checked when it is asked for", {
  skip: postgresIsMissing(),
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), "cello-tls-"));
  const [key, crt] = ["server.key", "server.crt"].map((name) => join(folder, name));
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  const made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", crt];
  try {
    execFileSync("openssl", [...made, ...names] as string[], { stdio: "ignore" });
    const files = {
      "server.key": readFileSync(key ?? "", "utf8"),
      "server.crt": readFileSync(crt ?? "", "utf8"),
    };
    await using server = await PostgresServer.start({ settings: { ssl: "on" }, files });
    const isEncrypted = async (query: string) => {
      const uri = `${server.uri.replace("127.0.0.1", "localhost")}?${query}`;
      const address = serverAddress("prod", { SUPABASE_PROD_URI: uri });
      const client = await connect(address, { statementTimeoutMs: 0, signal: undefined });
      const { rows } = await client.query(
        "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
      );
      await client.end();
      return rows[0]?.ssl;
    };
    assert.equal(await isEncrypted("sslmode=require"), true);
    assert.equal(await isEncrypted(`sslmode=verify-full&sslrootcert=${crt}`), true);
    assert.equal(await isEncrypted("sslmode=disable"), false);
    await assert.rejects(isEncrypted("sslmode=verify-full"), /self-signed certificate/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
