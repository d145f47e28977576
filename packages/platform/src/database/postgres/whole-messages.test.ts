import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageGatherer, runAt } from "./whole-messages.ts";

function message(code: string, numBytes: number): Buffer {
  const bytes = Buffer.alloc(5 + numBytes);
  bytes.write(code, 0);
  bytes.writeInt32BE(4 + numBytes, 1);
  return bytes;
}

test("messages come whole, however they are cut", () => {
  const sent = [message("D", 3), message("D", 70), message("C", 8), message("D", 0)];
  const all = Buffer.concat(sent);
  for (const size of [1, 2, 5, 7, 60, 1000]) {
    const gatherer = new MessageGatherer();
    const found: Buffer[] = [];
    for (let from = 0; from < all.length; from += size) {
      const bytes = gatherer.add(all.subarray(from, from + size));
      if (bytes === null) continue;
      let at = 0;
      for (let end = -1; end !== at; ) {
        ({ end } = runAt(bytes, at));
        if (end === at) break;
        found.push(bytes.subarray(at, end));
        at = end;
        end = -1;
        if (at === bytes.length) break;
      }
      gatherer.putBack(bytes.subarray(at));
    }
    assert.deepEqual(Buffer.concat(found), all);
  }
});

test("a message that spans many packets is put together once", () => {
  const gatherer = new MessageGatherer();
  const long = message("D", 100_000);
  let numWhole = 0;
  for (let from = 0; from < long.length; from += 1000) {
    const bytes = gatherer.add(long.subarray(from, from + 1000));
    if (bytes === null) continue;
    numWhole += 1;
    gatherer.putBack(bytes.length === long.length ? bytes.subarray(bytes.length) : bytes);
  }
  assert.equal(numWhole, 2); // its first packet, which says how long it is, and all of it
});

test("a length that no message has is an error", () => {
  for (const length of [-1, 0, 3, 2 ** 30]) {
    const bytes = Buffer.concat([message("D", 4), message("D", 4)]);
    bytes.writeInt32BE(length, 10);
    assert.throws(() => runAt(bytes, 0), { message: /a message of -?\d+ bytes, which cannot be/ });
  }
});
