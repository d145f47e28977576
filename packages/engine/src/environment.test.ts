import assert from "node:assert/strict";
import { test } from "node:test";
import { readEnvironment } from "./environment.ts";

test("an empty environment gives the defaults", () => {
  const { torch, build, allocator, memoryLimitBytes, cacheLimitBytes } = readEnvironment({});
  assert.deepEqual([torch, build, allocator], [undefined, undefined, "caching"]);
  assert.ok(memoryLimitBytes > 2 ** 28);
  assert.equal(cacheLimitBytes, Math.floor(memoryLimitBytes / 2));
});

test("a value that is none is refused by name of the variable", () => {
  assert.throws(() => readEnvironment({ CELLO_ALLOCATOR: "fast" }), {
    name: "ENGINE_ENVIRONMENT",
    message: 'CELLO_ALLOCATOR: expected "caching" or "plain", got "fast"',
  });
  assert.throws(() => readEnvironment({ CELLO_MEMORY_LIMIT_BYTES: "8 GB" }), /whole number/);
  assert.throws(() => readEnvironment({ CELLO_CACHE_LIMIT_BYTES: "-1" }), /whole number/);
});
