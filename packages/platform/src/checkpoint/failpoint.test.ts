import assert from "node:assert/strict";
import { test } from "node:test";
import { failpoint, parseFailpoints } from "./failpoint.ts";

test("several failpoints are armed by one variable, and @n defaults to the first call", () => {
  assert.deepEqual(
    [...parseFailpoints("ckpt.beforeRename=kill@2, log.midRow=eio")],
    [
      ["ckpt.beforeRename", { action: "kill", at: 2 }],
      ["log.midRow", { action: "eio", at: 1 }],
    ],
  );
});

test("a failpoint that is misspelt is refused, with the text and the form expected", () => {
  assert.throws(() => parseFailpoints("a.b=explode@1"), {
    code: "FAILPOINT_SYNTAX",
    message: /"a\.b=explode@1", expected name=action@n/,
  });
});

test("a failpoint that is not armed does nothing", async () => {
  await failpoint("nobody.armed.this");
});
