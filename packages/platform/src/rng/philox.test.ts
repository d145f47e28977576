import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Key, philox4x32, type Words } from "./philox.ts";

const hex = (words: string) => words.split(" ").map((word) => Number.parseInt(word, 16));

// Known answers of Random123 1.14 (kat_vectors, "philox4x32 10").
const known = [
  {
    counter: "00000000 00000000 00000000 00000000",
    key: "00000000 00000000",
    words: "6627e8d5 e169c58d bc57ac4c 9b00dbd8",
  },
  {
    counter: "ffffffff ffffffff ffffffff ffffffff",
    key: "ffffffff ffffffff",
    words: "408f276d 41c83b0e a20bc7c6 6d5451fd",
  },
  {
    counter: "243f6a88 85a308d3 13198a2e 03707344",
    key: "a4093822 299f31d0",
    words: "d16cfe09 94fdcceb 5001e420 24126ea1",
  },
];

for (const { counter, key, words } of known) {
  test(`the words at counter ${counter} are the published ones`, () => {
    const found = philox4x32(hex(counter) as unknown as Words, hex(key) as unknown as Key);
    assert.deepEqual(found, hex(words));
  });
}

test("every word is an unsigned 32-bit integer, and a counter one away shares none by rule", () => {
  const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  fc.assert(
    fc.property(fc.tuple(word, word, word, word), fc.tuple(word, word), (counter, key) => {
      const found = philox4x32(counter, key);
      assert.ok(found.every((x) => Number.isInteger(x) && x >= 0 && x < 2 ** 32));
      const next = philox4x32([(counter[0] + 1) >>> 0, counter[1], counter[2], counter[3]], key);
      assert.notDeepEqual(found, next);
    }),
  );
});
