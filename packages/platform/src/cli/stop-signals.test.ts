import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import { StopRequest } from "./stop-request.ts";
import { stopOnSignals } from "./stop-signals.ts";

function fake() {
  const source = new EventEmitter();
  const notes: string[] = [];
  const exits: number[] = [];
  let timeMs = 5000;
  const send = (name: string, { afterMs = 0 } = {}) => {
    timeMs += afterMs;
    source.emit(name, name);
  };
  const stop = stopOnSignals({
    source,
    note: (text) => void notes.push(text),
    exit: (code) => void exits.push(code),
    now: () => timeMs,
  });
  return { source, notes, exits, send, ...stop };
}

for (const name of ["SIGINT", "SIGTERM", "SIGUSR1"]) {
  test(`the first ${name} asks for a stop and ends nothing; the second ends at once`, () => {
    const { notes, exits, send, signal } = fake();
    send(name);
    assert.ok(signal.reason instanceof StopRequest);
    assert.equal(signal.reason.signal, name);
    assert.deepEqual(notes, [`${name}: stopping after this step; once more stops at once`]);
    assert.deepEqual(exits, []);
    send("SIGINT", { afterMs: 1001 });
    assert.deepEqual(exits, [130]);
  });
}

test("the echo of a signal, as npm sends it, is no second one", () => {
  const { notes, exits, send } = fake();
  send("SIGINT");
  send("SIGINT", { afterMs: 20 });
  assert.deepEqual(exits, []);
  assert.equal(notes.length, 1);
  send("SIGTERM");
  assert.deepEqual(exits, [130]);
});

test("after release no signal is listened for", () => {
  const { source, release, signal, send } = fake();
  release();
  send("SIGINT");
  assert.equal(signal.aborted, false);
  assert.deepEqual(source.eventNames(), []);
});
