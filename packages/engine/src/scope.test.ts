import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AsyncScopeError,
  backward,
  keep,
  liveBytes,
  liveTensors,
  StaleTensorError,
  scope,
  Tensor,
} from "./index.ts";

/** What `fn` leaves behind: tensor objects and bytes. */
function left(fn: () => void): { tensors: number; bytes: number } {
  const [tensors, bytes] = [liveTensors(), liveBytes()];
  fn();
  return { tensors: liveTensors() - tensors, bytes: liveBytes() - bytes };
}

test("a scope releases what was made in it", () => {
  const after = left(() => scope(() => void Tensor.ones([100]).add(1).mul(2)));
  assert.deepEqual(after, { tensors: 0, bytes: 0 });
});

test("a scope keeps the tensors of what it returns, in arrays and plain objects", () => {
  const kept = scope(() => {
    const x = Tensor.ones([4]);
    return { x, deep: [{ y: x.add(1) }], none: null, word: "w", count: 3 };
  });
  assert.deepEqual(kept.deep[0]?.y.data(), new Float32Array([2, 2, 2, 2]));
  assert.deepEqual(kept.x.data(), new Float32Array([1, 1, 1, 1]));
  kept.x.release();
  kept.deep[0]?.y.release();
});

test("a value with a circle in it comes out of a scope", () => {
  interface Circle {
    readonly x: Tensor;
    self?: Circle;
  }
  const circle = scope((): Circle => {
    const made: Circle = { x: Tensor.ones([1]) };
    made.self = made;
    return made;
  });
  assert.equal(circle.self?.x.item(), 1);
  circle.x.release();
});

test("what an inner scope returns belongs to the outer one", () => {
  let inner: Tensor | undefined;
  const after = left(() =>
    scope(() => {
      inner = scope(() => Tensor.ones([3]).add(1));
      assert.equal(inner.isReleased, false);
    }),
  );
  assert.deepEqual(after, { tensors: 0, bytes: 0 });
  assert.equal(inner?.isReleased, true);
});

test("a tensor from outside stays alive when a scope returns it", () => {
  const x = Tensor.ones([2]);
  assert.equal(
    scope(() => x),
    x,
  );
  assert.equal(x.isReleased, false);
  x.release();
});

test("a tensor that was kept outlives all scopes", () => {
  const x = scope(() => {
    const made = scope(() => keep(Tensor.ones([2])));
    return { made: () => made }; // a function is not looked into
  }).made();
  assert.equal(x.isReleased, false);
  x.release();
});

test("a scope that throws releases everything, and hands the error on", () => {
  const after = left(() => {
    assert.throws(
      () =>
        scope(() => {
          Tensor.ones([100]);
          throw new RangeError("on purpose");
        }),
      /on purpose/,
    );
  });
  assert.deepEqual(after, { tensors: 0, bytes: 0 });
});

test("a released tensor is refused by name of the operator, also when its slot is used again", () => {
  const x = Tensor.ones([2]);
  x.release();
  const y = Tensor.ones([2]);
  assert.throws(() => x.add(1), { name: "STALE_TENSOR", message: /aten::add\.Scalar/ });
  assert.throws(() => y.add(x), StaleTensorError);
  assert.throws(() => x.shape, StaleTensorError);
  x.release(); // twice is allowed
  assert.deepEqual(y.shape, [2]);
  y.release();
});

test("a scope may release its own tensors early, and return one that it released", () => {
  const after = left(() => {
    const x = scope(() => {
      const made = Tensor.ones([10]);
      made.release();
      return made;
    });
    assert.equal(x.isReleased, true);
  });
  assert.deepEqual(after, { tensors: 0, bytes: 0 });
});

test("using releases a tensor at the end of its block", () => {
  const after = left(() => {
    using x = Tensor.ones([10]);
    assert.equal(x.numel, 10);
  });
  assert.deepEqual(after, { tensors: 0, bytes: 0 });
});

test("an asynchronous function is refused, and its tensors are released", () => {
  const after = left(() => {
    assert.throws(() => scope(async () => Tensor.ones([10])), AsyncScopeError);
  });
  assert.deepEqual(after, { tensors: 0, bytes: 0 });
});

test("a graph that nothing needs any more is freed with its scope", () => {
  const w = Tensor.ones([50], { requiresGrad: true });
  const after = left(() => {
    scope(() => backward(w.mul(w).exp().sum()));
    w.setGrad(null);
  });
  assert.deepEqual(after, { tensors: 0, bytes: 0 });
  w.release();
});

test("a view keeps the memory of the tensor that it views", () => {
  const base = Tensor.ones([1000]);
  const view = base.narrow(0, 0, 2);
  const bytes = liveBytes();
  base.release();
  assert.equal(liveBytes(), bytes);
  assert.deepEqual(view.data(), new Float32Array([1, 1]));
  view.release();
  assert.equal(liveBytes(), bytes - 4000);
});
