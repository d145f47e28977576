import assert from "node:assert/strict";
import { test } from "node:test";
import { DataError } from "../../images/index.ts";
import { createOutput } from "../output.ts";
import { eachImage } from "./each-image.ts";

function listening() {
  const notes: string[] = [];
  const stderr = { write: (text: string) => notes.push(text) };
  return { notes, output: createOutput({ stdout: { write: () => {} }, stderr }) };
}

const damaged = new DataError("DATA_CHUNK", "chunk 7 is damaged", { hint: "Restore the files." });

test("an image that is damaged does not stop the others, and shows in the exit code", async () => {
  const { notes, output } = listening();
  const done: string[] = [];
  const code = await eachImage(["a", "b", "c"], output, async (path) => {
    if (path === "b") throw damaged;
    done.push(path);
  });
  assert.equal(code, 3);
  assert.deepEqual(done, ["a", "c"]);
  assert.deepEqual(notes, [
    "b: DATA_CHUNK: chunk 7 is damaged\n",
    "1 of 3 images failed; the others are done\n",
    "hint:  Restore the files.\n",
  ]);
});

test("when no image is done, nobody is told that others are", async () => {
  const { notes, output } = listening();
  assert.equal(await eachImage(["a", "b"], output, () => Promise.reject(damaged)), 3);
  assert.deepEqual(notes.slice(-2), ["all 2 images failed\n", "hint:  Restore the files.\n"]);
});

test("the error of a single image is the verb's; a full disk or a fault of ours stops all", async () => {
  const { output } = listening();
  const failing = (paths: string[], error: Error) =>
    eachImage(paths, output, () => Promise.reject(error));
  await assert.rejects(failing(["a"], damaged), damaged);
  const full = new DataError("DATA_WRITE", "no room");
  await assert.rejects(failing(["a", "b"], full), full);
  await assert.rejects(failing(["a", "b"], new TypeError("ours")), TypeError);
});
