import assert from "node:assert/strict";
import { test } from "node:test";
import { autocast, backward, liveBytes, noGrad, scope, Tensor } from "./index.ts";

const x = Tensor.ones([4, 4]);

test("products are computed in the dtype of autocast, sums are not", () => {
  autocast({ dtype: "bfloat16" }, () => {
    assert.equal(x.matmul(x).dtype, "bfloat16");
    assert.equal(x.sum().dtype, "float32");
  });
  assert.equal(
    autocast({ dtype: "float16" }, () => x.matmul(x).dtype),
    "float16",
  );
  assert.equal(x.matmul(x).dtype, "float32");
});

test("autocast inside autocast can be off, or of another dtype", () => {
  autocast({}, () => {
    assert.equal(
      autocast({ enabled: false }, () => x.mm(x).dtype),
      "float32",
    );
    assert.equal(
      autocast({ dtype: "float16" }, () => x.mm(x).dtype),
      "float16",
    );
    assert.equal(x.mm(x).dtype, "bfloat16");
  });
});

test("a weight is cast once for each dtype, also where autocast is inside autocast", () => {
  scope(() => {
    const w = Tensor.ones([64, 64], { requiresGrad: true });
    const y = Tensor.ones([1, 64]);
    const held = () => {
      const before = liveBytes();
      scope(() => void y.mm(w));
      return liveBytes() - before;
    };
    autocast({}, () => {
      assert.deepEqual([held(), held()], [64 * 64 * 2, 0]);
      assert.equal(
        autocast({ dtype: "float16" }, () => y.mm(w).dtype),
        "float16",
      );
      assert.equal(y.mm(w).dtype, "bfloat16");
    });
  });
});

test("a weight that noGrad has used inside autocast still gets a gradient", () => {
  scope(() => {
    const w = Tensor.ones([4, 4], { requiresGrad: true });
    const y = autocast({}, () => {
      noGrad(() => x.mm(w));
      return x.mm(w).to({ dtype: "float32" });
    });
    backward(y.sum());
    assert.deepEqual([...(w.grad?.data() ?? [])], Array(16).fill(4));
  });
});

test("autocast ends when its function throws, and refuses an asynchronous one", () => {
  assert.throws(() => autocast({}, () => assert.fail("on purpose")), /on purpose/);
  assert.throws(() => autocast({}, async () => 1), { name: "ASYNC_SCOPE" });
  assert.equal(x.mm(x).dtype, "float32");
});

test("gradients of float32 weights are float32, and cast weights are forgotten at the end", () => {
  const w = Tensor.ones([4, 4], { requiresGrad: true });
  const step = () =>
    scope(() => {
      const loss = autocast({}, () => x.matmul(w).matmul(w).to({ dtype: "float32" }).sum());
      backward(loss);
      assert.equal(w.grad?.dtype, "float32");
      w.setGrad(null);
    });
  step();
  const before = liveBytes();
  step();
  assert.equal(liveBytes(), before);
});
