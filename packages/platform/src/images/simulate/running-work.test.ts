import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { RunningWork } from "./running-work.ts";

test("work that fails while nobody waits fails the next wait", async () => {
  const running = new RunningWork();
  running.add(Promise.reject(new Error("disk full")));
  running.add(Promise.resolve());
  await turn();
  await assert.rejects(running.oneDone(), /disk full/);
  await assert.rejects(running.allDone(), /disk full/);
  await running.allSettled();
});

test("work that is done is waited for no more", async () => {
  const running = new RunningWork();
  let finish = () => {};
  running.add(Promise.resolve());
  running.add(new Promise((resolve) => (finish = resolve)));
  await running.oneDone();
  finish();
  await running.allDone();
});
