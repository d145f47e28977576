import assert from "node:assert/strict";
import { test } from "node:test";
import { trinoAddress } from "./trino-address.ts";

const env = { TRINO_HOST: "trino.example.org", TRINO_CATALOG: "cells", TRINO_USER: "me" };

test("a name alone means https, and the schema public", () => {
  const { url, place, headers } = trinoAddress({ ...env, TRINO_PASS: "sesame" });
  assert.equal(url, "https://trino.example.org/v1/statement");
  assert.equal(place, "trino.example.org/cells/public");
  assert.equal(headers.Authorization, `Basic ${Buffer.from("me:sesame").toString("base64")}`);
  assert.equal(trinoAddress({ ...env, TRINO_JWT: "x.y.z" }).headers.Authorization, "Bearer x.y.z");
  const local = trinoAddress({ ...env, TRINO_HOST: "http://127.0.0.1", TRINO_PORT: "8080" });
  assert.deepEqual(
    [local.url, local.headers.Authorization],
    ["http://127.0.0.1:8080/v1/statement", undefined],
  );
});

test("a password never travels unencrypted, and is in no message", () => {
  for (const [more, message] of [
    [{ TRINO_HOST: "http://trino", TRINO_PASS: "sesame" }, /would travel unencrypted$/],
    [{ TRINO_HOST: "https://me:sesame@trino" }, /TRINO_HOST has a user in it/],
    [{ TRINO_HOST: "https://trino:sesame" }, /TRINO_HOST is expected to be a name/],
    [{ TRINO_HOST: "", TRINO_USER: "" }, /^TRINO_HOST and TRINO_USER must be set$/],
  ] as const) {
    assert.throws(
      () => trinoAddress({ ...env, ...more }),
      (error: Error & { code?: string }) => {
        assert.equal(error.code, "DATABASE_ADDRESS");
        assert.match(error.message, message);
        assert.ok(!/sesame/.test(error.message));
        return true;
      },
    );
  }
});
