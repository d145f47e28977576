import assert from "node:assert/strict";
import { test } from "node:test";
import { dataDifference, dataIdentity } from "./data-identity.ts";
import { dataKeeper, keptData } from "./hooks/data-keeper.ts";

const three = dataIdentity(["a", "b", "c"]);

test("data are the same when their records are, in their order", () => {
  assert.equal(dataDifference(three, dataIdentity(["a", "b", "c"])), null);
  assert.equal(dataDifference(three, dataIdentity(["a", "b"])), "3 records then, 2 now");
  for (const others of [
    ["a", "c", "b"],
    ["a", "b", "d"],
    ["a", "bc", ""],
  ]) {
    const difference = dataDifference(three, dataIdentity(others));
    assert.equal(difference, "3 records then, 3 now, but not the same ones");
  }
});

test("a run goes on with its own data, and with others only when that was said", () => {
  const notes: string[] = [];
  const keeper = (names: readonly string[], acceptsNew: boolean) =>
    dataKeeper({ data: dataIdentity(names), acceptsNew, note: (text) => void notes.push(text) });
  const saved = JSON.parse(JSON.stringify(keeper(["a", "b", "c"], false).saveState?.()));
  keeper(["a", "b", "c"], false).loadState?.(saved);
  assert.throws(() => keeper(["a"], false).loadState?.(saved), {
    code: "RUN_DATA",
    message: "the data are not those that the run was trained on: 3 records then, 1 now",
    hint: /--accept-new-data, or start over with --fresh/,
  });
  keeper(["a"], true).loadState?.(saved);
  assert.deepEqual(notes, ["going on with other data: 3 records then, 1 now"]);
  assert.deepEqual(keptData({ data_keeper: saved }), three);
  assert.equal(keptData({}), null);
});
