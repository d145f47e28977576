import assert from "node:assert/strict";
import { test } from "node:test";
import { CellError } from "@cell-observatory/engine/errors";
import { formatError } from "./format-error.ts";

class DiskFullError extends CellError {
  readonly code = "DISK_FULL";
  readonly hint = "Make room.";
}

const error = new DiskFullError("expected 2 GB on /data, found 1 GB", {
  cause: new Error("write: ENOSPC"),
});

test("an error of ours is its code, its sentence and its hint", () => {
  assert.equal(
    formatError(error),
    "DISK_FULL: expected 2 GB on /data, found 1 GB\nhint:  Make room.",
  );
});

test("the stack, and that of the cause, is shown only when asked for", () => {
  const text = formatError(error, { withStack: true });
  assert.match(text, /^DISK_FULL: .*\nhint: {2}Make room\.\n\nDISK_FULL: .*\n {4}at /);
  assert.match(text, /caused by:\nError: write: ENOSPC\n {4}at /);
});

test("any other error says that it is a fault of the program", () => {
  assert.equal(
    formatError(new TypeError("x is not a function")),
    "UNEXPECTED: x is not a function\nhint:  this is a fault of the program; --trace shows where it happened",
  );
  assert.match(formatError("thrown text"), /^UNEXPECTED: thrown text\n/);
});
