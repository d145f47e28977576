import assert from "node:assert/strict";
import { test } from "node:test";
import { executeImmediate } from "./execute-immediate.ts";

test("each value is a literal of its own, whatever stands in it", () => {
  const text = executeImmediate({
    text: "SELECT 'a' FROM t WHERE x = ? AND y IN ?",
    values: [
      { value: "it's; DROP TABLE tiles; --", type: "text" },
      { value: ["a'", "\\'"], type: "texts" },
    ],
  });
  assert.equal(
    text,
    "EXECUTE IMMEDIATE 'SELECT ''a'' FROM t WHERE x = ? AND y IN ?' " +
      String.raw`USING 'it''s; DROP TABLE tiles; --', CAST(json_parse('["a''","\\''"]') AS ARRAY(VARCHAR))`,
  );
});

test("numbers, flags and empty lists come with their types; no value, no EXECUTE", () => {
  const values = [
    { value: 0.1, type: "number" },
    { value: Number.NaN, type: "number" },
    { value: 12, type: "integer" },
    { value: true, type: "flag" },
    { value: [], type: "texts" },
    { value: [1, 2.5], type: "numbers" },
  ] as const;
  const text = executeImmediate({ text: "SELECT 1", values });
  assert.equal(
    text,
    "EXECUTE IMMEDIATE 'SELECT 1' USING DOUBLE '0.1', DOUBLE 'NaN', BIGINT '12', TRUE, " +
      "CAST(json_parse('[]') AS ARRAY(VARCHAR)), CAST(json_parse('[1,2.5]') AS ARRAY(DOUBLE))",
  );
  assert.throws(() => executeImmediate({ text: "", values: [{ value: 0.5, type: "integer" }] }));
  assert.equal(executeImmediate({ text: "SELECT 1", values: [] }), "SELECT 1");
});
