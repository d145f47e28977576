import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { RandomStream } from "./random-stream.ts";

const place = { seed: 7, purpose: "test", epoch: 3, index: 11 };
const words = (at: ConstructorParameters<typeof RandomStream>[0], count = 9) => {
  const stream = new RandomStream(at);
  return Array.from({ length: count }, () => stream.uint32());
};

test("a place gives the same numbers each time", () => {
  assert.deepEqual(words(place), words({ ...place }));
});

test("another seed, purpose, epoch or index gives other numbers", () => {
  const others = [
    { ...place, seed: 8 },
    { ...place, seed: 7 + 2 ** 32 },
    { ...place, purpose: "tset" },
    { ...place, epoch: 4 },
    { ...place, index: 12 },
    { ...place, index: 11 + 2 ** 32 },
  ];
  const found = [place, ...others].map((at) => words(at).join());
  assert.equal(new Set(found).size, found.length);
});

test("uniform numbers lie in [0, 1), with the mean and variance that they should have", () => {
  const stream = new RandomStream(place);
  const drawn = Array.from({ length: 20000 }, () => stream.uniform());
  assert.ok(drawn.every((x) => x >= 0 && x < 1));
  const mean = drawn.reduce((a, b) => a + b) / drawn.length;
  const variance = drawn.reduce((a, b) => a + (b - mean) ** 2, 0) / drawn.length;
  assert.ok(Math.abs(mean - 1 / 2) < 0.01, `mean ${mean}`);
  assert.ok(Math.abs(variance - 1 / 12) < 0.005, `variance ${variance}`);
});

test("integers stay within their bounds and every value comes equally often", () => {
  const stream = new RandomStream(place);
  const counts = new Map<number, number>();
  for (let i = 0; i < 30000; i++) {
    const x = stream.integer(-1, 2);
    counts.set(x, (counts.get(x) ?? 0) + 1);
  }
  assert.deepEqual([...counts.keys()].sort(), [-1, 0, 1]);
  for (const count of counts.values()) assert.ok(Math.abs(count - 10000) < 400, `${count}`);
});

test("a range without a value is refused, with its bounds", () => {
  assert.throws(() => new RandomStream(place).integer(3, 3), /integer\(3, 3\)/);
});

test("a sample holds different numbers below its size", () => {
  fc.assert(
    fc.property(fc.nat(200), fc.nat(200), fc.nat(), (a, b, index) => {
      const [count, size] = [Math.min(a, b), Math.max(a, b)];
      const found = new RandomStream({ ...place, index }).sample(size, count);
      assert.equal(found.length, count);
      assert.equal(new Set(found).size, count);
      assert.ok(found.every((x) => x >= 0 && x < size));
    }),
  );
});
