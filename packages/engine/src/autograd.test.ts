import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  backward,
  EngineError,
  enableGrad,
  Generator,
  grad,
  isGradEnabled,
  liveBytes,
  liveTensors,
  noGrad,
  onGradReady,
  scope,
  Tensor,
  tensor,
} from "./index.ts";

const leaf = (...values: number[]) =>
  Tensor.from(values, { dtype: "float64" }).setRequiresGrad(true);
const numbers = (x: Tensor | null | undefined) => [...(x?.data() ?? [])].map(Number);

test("the gradient agrees with finite differences", () => {
  const f = (x: Tensor) => x.sin().mul(x).add(x.exp()).sum();
  fc.assert(
    fc.property(fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 1 }), (at) => {
      scope(() => {
        const x = leaf(...at);
        backward(f(x));
        const step = 1e-6;
        for (const [i, value] of at.entries()) {
          const moved = (by: number) =>
            Number(f(Tensor.from(at.with(i, value + by), { dtype: "float64" })).item());
          const expected = (moved(step) - moved(-step)) / (2 * step);
          const actual = numbers(x.grad)[i] ?? Number.NaN;
          assert.ok(Math.abs(actual - expected) < 1e-5 * (1 + Math.abs(expected)));
        }
      });
    }),
    { numRuns: 20 },
  );
});

test("backward adds to the gradients that are there", () => {
  const x = leaf(1, 2);
  assert.equal(x.grad, null);
  backward(x.mul(3).sum());
  backward(x.mul(4).sum());
  assert.deepEqual(numbers(x.grad), [7, 7]);
  x.setGrad(null);
  assert.equal(x.grad, null);
});

test("backward takes the gradient of an output with many elements", () => {
  const x = leaf(1, 2);
  backward(x.square(), { gradient: Tensor.from([1, 10], { dtype: "float64" }) });
  assert.deepEqual(numbers(x.grad), [2, 40]);
  assert.throws(() => backward(x.square()), /grad can be implicitly created only for scalar/);
});

test("backward can be limited to chosen inputs", () => {
  const [x, y] = [leaf(1), leaf(2)];
  backward(x.mul(y).sum(), { inputs: [y] });
  assert.equal(x.grad, null);
  assert.deepEqual(numbers(y.grad), [1]);
});

test("grad leaves the leaves alone, and gives null for an input that is not used", () => {
  const [x, y, unused] = [leaf(3), leaf(5), leaf(7)];
  const [dx, dy, none] = grad([x.mul(y).sum(), x.sum()], [x, y, unused]);
  assert.deepEqual([numbers(dx), numbers(dy), none], [[6], [3], null]);
  assert.equal(x.grad, null);
});

test("a second derivative comes from a graph of the first", () => {
  const x = leaf(2);
  const [first] = grad([x.pow(3).sum()], [x], { createGraph: true });
  assert.ok(first);
  const [second] = grad([first.sum()], [x]);
  assert.deepEqual([numbers(first), numbers(second)], [[12], [12]]);
});

test("a graph is gone after a backward pass, unless it is retained", () => {
  const x = leaf(2);
  const y = x.square().sum();
  backward(y, { retainGraph: true });
  backward(y);
  assert.deepEqual(numbers(x.grad), [8]);
  assert.throws(() => backward(y), /a second time/);
});

test("nothing is recorded inside noGrad, and again inside enableGrad within it", () => {
  const x = leaf(1);
  assert.equal(isGradEnabled(), true);
  noGrad(() => {
    assert.equal(isGradEnabled(), false);
    assert.equal(x.mul(2).requiresGrad, false);
    assert.equal(
      enableGrad(() => x.mul(2).requiresGrad),
      true,
    );
  });
  assert.equal(x.mul(2).requiresGrad, true);
});

test("recording is on again after noGrad threw, or was given an asynchronous function", () => {
  assert.throws(() => noGrad(() => assert.fail("on purpose")), /on purpose/);
  assert.throws(() => noGrad(async () => 1), { name: "ASYNC_SCOPE" });
  assert.equal(isGradEnabled(), true);
});

test("only a leaf can stop to require a gradient", () => {
  const x = leaf(1);
  assert.equal(x.setRequiresGrad(false).requiresGrad, false);
  const y = leaf(1).mul(2);
  assert.throws(() => y.setRequiresGrad(false), { name: "ENGINE_ARGUMENT", message: /detach/ });
  assert.equal(y.setRequiresGrad(true), y);
});

test("a gradient can be set, and must have the shape and dtype of its tensor", () => {
  const x = leaf(1, 2);
  x.setGrad(Tensor.from([5, 6], { dtype: "float64" }));
  assert.deepEqual(numbers(x.grad), [5, 6]);
  assert.throws(() => x.setGrad(Tensor.ones([3], { dtype: "float64" })), /shape/);
  assert.throws(() => x.setGrad(Tensor.ones([2])), /float64\[2\], got float32\[2\]/);
});

test("a callback runs each time the gradient of its leaf is ready, until it is taken off", () => {
  const x = leaf(1);
  const seen: number[][] = [];
  const off = onGradReady(x, () => seen.push(numbers(x.grad)));
  const alsoOff = onGradReady(x, () => seen.push([0]));
  backward(x.mul(2).sum());
  alsoOff();
  backward(x.mul(3).sum());
  off();
  backward(x.mul(4).sum());
  assert.deepEqual(seen, [[2], [0], [5]]);
});

test("a callback that was taken off stays off, and takes no other with it", () => {
  const x = leaf(1);
  let calls = 0;
  const count = () => {
    calls += 1;
  };
  const off = onGradReady(x, count);
  off();
  onGradReady(x, count);
  const offSecond = onGradReady(x, count);
  off();
  offSecond();
  offSecond();
  backward(x.sum());
  assert.equal(calls, 1);
});

test("callbacks given to several tensor objects of one leaf all run, and end on their own", () => {
  const x = leaf(1);
  const same = x.contiguous();
  assert.notEqual(same.slot, x.slot);
  const seen: string[] = [];
  const off = onGradReady(x, () => seen.push("x"));
  const offSame = onGradReady(same, () => seen.push("same"));
  backward(x.sum());
  off();
  backward(x.sum());
  same.release();
  offSame(); // the leaf lives on in x
  backward(x.sum());
  assert.deepEqual(seen, ["x", "same", "same"]);
});

test("a callback may take itself off, and add another, while they are called", () => {
  const x = leaf(1);
  const seen: string[] = [];
  const off = onGradReady(x, () => {
    seen.push("first");
    off();
    onGradReady(x, () => seen.push("added"));
  });
  backward(x.sum());
  backward(x.sum());
  assert.deepEqual(seen, ["first", "added"]);
});

test("what a callback throws ends the backward pass and comes out of it unchanged", () => {
  const x = leaf(1);
  const mine = new RangeError("from the callback");
  const off = onGradReady(x, () => {
    throw mine;
  });
  assert.throws(
    () => backward(x.sum()),
    (error) => error === mine,
  );
  off();
  backward(x.sum());
});

test("a callback may throw what is not an error", () => {
  const x = leaf(1);
  const off = onGradReady(x, () => {
    throw "a word";
  });
  assert.throws(() => backward(x.sum()), /a word/);
  off();
});

test("a callback may call operators, open scopes, and release its leaf", () => {
  const x = leaf(1, 2);
  const tensors = liveTensors();
  const off = onGradReady(x, () => {
    scope(() => x.grad?.mul(2));
    x.release();
  });
  backward(x.square().sum());
  assert.equal(x.isReleased, true);
  off();
  assert.ok(liveTensors() <= tensors + 2);
});

test("a callback on what is not a leaf is refused", () => {
  assert.throws(() => onGradReady(tensor([1]), () => {}), { name: "ENGINE_ARGUMENT" });
  assert.throws(() => onGradReady(leaf(1).mul(2), () => {}), { name: "ENGINE_ARGUMENT" });
});

test("integers cannot require a gradient", () => {
  assert.throws(
    () => Tensor.ones([1], { dtype: "int64" }).setRequiresGrad(true),
    (error) => error instanceof EngineError && /floating point/.test(error.message),
  );
});

test("a training step leaves as much memory as it found", () => {
  const rng = new Generator(0);
  const weights = [0, 1].map(() => Tensor.randn([8, 8], { generator: rng, requiresGrad: true }));
  const step = () =>
    scope(() => {
      let x = Tensor.ones([4, 8]);
      for (const w of weights) x = x.matmul(w).gelu();
      backward(x.square().mean());
      noGrad(() => {
        for (const w of weights) {
          const gradient = w.grad;
          if (gradient !== null) w.sub_(gradient, 0.1);
          w.setGrad(null);
        }
      });
    });
  step();
  const [bytes, tensors] = [liveBytes(), liveTensors()];
  for (let i = 0; i < 20; i += 1) step();
  assert.deepEqual([liveBytes(), liveTensors()], [bytes, tensors]);
});
