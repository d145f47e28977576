import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  type Dtype,
  DtypeError,
  dtypes,
  EngineError,
  liveBytes,
  op,
  ShapeError,
  Tensor,
  tensor,
} from "./index.ts";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;
/** Collects garbage, and lets finalizers run. */
async function collect(): Promise<void> {
  gc();
  await new Promise((resolve) => setImmediate(resolve));
}

test("every dtype goes in and comes back with its own numbers", () => {
  const edges: Readonly<Record<Dtype, readonly (number | bigint)[]>> = {
    uint8: [0, 255],
    int8: [-128, 127],
    int16: [-32768, 32767],
    int32: [-(2 ** 31), 2 ** 31 - 1],
    int64: [-(2n ** 63n), 2n ** 63n - 1n],
    float16: [0.5, 65504],
    float32: [0.5, 3.4028234663852886e38],
    float64: [0.1, Number.MAX_VALUE],
    complex64: [1.5, -2],
    complex128: [0.1, -2],
    bool: [0, 1],
    bfloat16: [0.5, 2 ** 100],
    uint16: [0, 65535],
    uint32: [0, 2 ** 32 - 1],
    uint64: [0n, 2n ** 63n - 1n],
  };
  for (const dtype of dtypes) {
    const values = edges[dtype];
    const elements = dtype === "uint64" ? BigUint64Array.from(values as bigint[]) : values;
    const x = Tensor.from(elements as readonly number[], { dtype });
    assert.equal(x.dtype, dtype);
    assert.deepEqual(x.shape, dtype.startsWith("complex") ? [1] : [2], dtype);
    assert.deepEqual([...x.data()], [...values], dtype);
    x.release();
  }
});

test("typed arrays give their own dtype, and views of a buffer only their part", () => {
  assert.equal(Tensor.from(new Uint16Array([65535])).item(), 65535);
  assert.equal(Tensor.from(new Int8Array([-5])).dtype, "int8");
  assert.equal(Tensor.from(new BigUint64Array([2n ** 64n - 1n])).item(), 2n ** 64n - 1n);
  assert.deepEqual([...Tensor.from(new Float32Array([1, 2, 3, 4]).subarray(1, 3)).data()], [2, 3]);
});

test("a number that cannot hold an integer comes as a bigint", () => {
  assert.equal(tensor(2 ** 53 - 1, { dtype: "int64" }).item(), 2 ** 53 - 1);
  assert.equal(Tensor.from([2n ** 60n + 1n]).item(), 2n ** 60n + 1n);
  assert.deepEqual(
    [...Tensor.from([2n ** 64n - 1n], { dtype: "uint64" }).data()],
    [2n ** 64n - 1n],
  );
  assert.throws(() => Tensor.from([1n, 2n ** 63n]), {
    name: "TENSOR_SOURCE",
    message:
      "Tensor.from: expected numbers that int64 can hold, got 9223372036854775808 at index 1",
  });
  assert.equal(tensor(true).item(), true);
  assert.equal(tensor(0.5, { dtype: "bfloat16" }).item(), 0.5);
  assert.throws(() => Tensor.from([1, 2], { dtype: "complex64" }).item(), DtypeError);
  assert.throws(() => tensor([1, 2]).item(), EngineError);
});

test("a number that an integer dtype cannot hold is refused, a fraction is cut off", () => {
  const refused: readonly (readonly [Dtype, number | bigint])[] = [
    ["uint8", 256],
    ["uint8", -1],
    ["int8", 128],
    ["int32", 2 ** 31],
    ["int32", 2n ** 31n],
    ["uint64", -1n],
    ["int64", 2 ** 63],
    ["uint16", Number.NaN],
  ];
  for (const [dtype, value] of refused) {
    const elements = [value] as readonly number[];
    assert.throws(() => Tensor.from(elements, { dtype }), { name: "TENSOR_SOURCE" }, dtype);
  }
  assert.deepEqual([...Tensor.from([-0.5, 255.9], { dtype: "uint8" }).data()], [0, 255]);
});

test("complex numbers are made of pairs, whatever array they come in", () => {
  for (const dtype of ["complex64", "complex128"] as const) {
    for (const pairs of [[1, 2], new Float32Array([1, 2]), new Float64Array([1, 2])]) {
      const x = Tensor.from(pairs, { dtype });
      assert.deepEqual([x.shape, ...x.data()], [[1], 1, 2], dtype);
    }
  }
});

test("infinities, NaN and minus zero survive both ways", () => {
  const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0];
  for (const dtype of ["float64", "float32", "float16", "bfloat16"] as const) {
    assert.deepEqual([...Tensor.from(odd, { dtype }).data()], odd);
  }
});

test("nested numbers make a tensor of their shape, and unequal rows are refused", () => {
  assert.deepEqual(tensor([[1, 2, 3]]).shape, [1, 3]);
  assert.deepEqual(tensor(5).shape, []);
  assert.deepEqual(tensor([]).shape, [0]);
  assert.equal(tensor([true, false]).dtype, "bool");
  assert.equal(tensor([1n]).dtype, "int64");
  assert.throws(() => tensor([[1, 2], [3]]), { message: "expected shape [2, 2], got [2, 1]" });
  assert.throws(() => tensor([[1, 2], [3], [4, 5, 6]]), ShapeError);
  assert.throws(() => tensor([1, [2]]), ShapeError);
  assert.throws(() => tensor([[1], 2]), ShapeError);
  assert.throws(() => Tensor.from([1, 2, 3], { shape: [2, 2] }), ShapeError);
});

test("data copies a tensor that is not contiguous row by row", () => {
  assert.deepEqual(
    [
      ...tensor([
        [1, 2],
        [3, 4],
      ])
        .transpose(0, 1)
        .data(),
    ],
    [1, 3, 2, 4],
  );
  assert.deepEqual([...Tensor.ones([1]).expand([3]).data()], [1, 1, 1]);
  assert.deepEqual([...Tensor.zeros([0, 3]).data()], []);
});

for (const [name, make] of [
  ["an ArrayBuffer", (bytes: number) => new ArrayBuffer(bytes)],
  ["a SharedArrayBuffer", (bytes: number) => new SharedArrayBuffer(bytes)],
] as const) {
  test(`a tensor over ${name} and the buffer see what either writes`, () => {
    const buffer = make(24);
    const numbers = new Float32Array(buffer);
    const x = Tensor.over(buffer, { shape: [2, 2], dtype: "float32", byteOffset: 8 });
    numbers.set([1, 2, 3, 4, 5, 6]);
    assert.deepEqual([...x.data()], [3, 4, 5, 6]);
    x.mul_(10);
    assert.deepEqual([...numbers], [1, 2, 30, 40, 50, 60]);
    x.release();
  });

  test(`${name} stays alive while a tensor, or a view of it, is over it`, async () => {
    const view = (() => {
      const buffer = make(1 << 20);
      new Uint8Array(buffer).fill(7);
      const x = Tensor.over(buffer, { shape: [1 << 20], dtype: "uint8" });
      const part = x.narrow(0, 1 << 19, 4);
      x.release();
      return part;
    })();
    for (let i = 0; i < 3; i += 1) {
      await collect();
      new Uint8Array(1 << 20).fill(9); // would land in memory that was freed
    }
    assert.deepEqual([...view.data()], [7, 7, 7, 7]);
    view.release();
  });
}

test("a buffer is collected once no tensor is over it", async () => {
  let collected = false;
  const registry = new FinalizationRegistry(() => {
    collected = true;
  });
  (() => {
    const buffer = new ArrayBuffer(64);
    registry.register(buffer, 0);
    Tensor.over(buffer, { shape: [16], dtype: "float32" }).release();
  })();
  for (let i = 0; i < 20 && !collected; i += 1) await collect();
  assert.equal(collected, true);
});

test("a buffer under a tensor cannot be transferred away", () => {
  const buffer = new ArrayBuffer(8);
  Tensor.over(buffer, { shape: [2], dtype: "float32" });
  assert.throws(() => structuredClone(buffer, { transfer: [buffer] }));
  assert.throws(() => buffer.transfer(), TypeError);
  assert.equal(buffer.byteLength, 8);
});

test("a tensor over a buffer refuses what does not fit, or may move", () => {
  const over = (shape: readonly number[], dtype: Dtype, byteOffset = 0) =>
    Tensor.over(new ArrayBuffer(16), { shape, dtype, byteOffset });
  assert.throws(() => over([5], "float32"), /expected 20 bytes for float32\[5\]/);
  assert.throws(() => over([1], "float32", 16), /got 0/);
  assert.throws(() => over([1], "float32", -4), { name: "TENSOR_SOURCE" });
  assert.throws(() => over([1], "float32", 2), /multiple/);
  assert.throws(() => over([-1], "uint8"), Error);
  assert.throws(() => over([0.5], "uint8"), Error);
  const growing = new ArrayBuffer(8, { maxByteLength: 16 });
  assert.throws(() => Tensor.over(growing, { shape: [8], dtype: "uint8" }), /fixed length/);
  const shared = new SharedArrayBuffer(8, { maxByteLength: 16 });
  assert.throws(() => Tensor.over(shared, { shape: [8], dtype: "uint8" }), /fixed length/);
  assert.deepEqual(over([0, 5], "float64").shape, [0, 5]);
});

test("bytes are the tensor's own memory, and outlive the tensor", async () => {
  const before = liveBytes();
  const x = Tensor.ones([1000]);
  const bytes = x.bytes();
  new Float32Array(bytes.buffer)[3] = 7;
  assert.deepEqual([...x.narrow(0, 2, 3).data()], [1, 7, 1]);
  x.release();
  await collect();
  Tensor.zeros([1000]).release(); // would take the memory if it were free
  assert.equal(new Float32Array(bytes.buffer)[3], 7);
  assert.ok(liveBytes() >= before + 4000);
});

test("the memory goes back when the bytes are collected", async () => {
  const before = liveBytes();
  (() => {
    const x = Tensor.ones([1000]);
    x.bytes();
    x.release();
  })();
  for (let i = 0; i < 20 && liveBytes() > before; i += 1) await collect();
  assert.ok(liveBytes() <= before);
});

test("memory that JavaScript can see is not moved by a resize", () => {
  const x = Tensor.ones([4]);
  const bytes = x.bytes();
  assert.equal(bytes.byteLength, x.bytes().byteLength); // twice is allowed
  assert.throws(() => op("aten::resize_")(x, [1 << 20]), /not resizable/);
  assert.deepEqual([...new Float32Array(bytes.buffer)], [1, 1, 1, 1]);
  assert.deepEqual([...x.data()], [1, 1, 1, 1]);
  assert.equal(Tensor.ones([0]).bytes().byteLength, 0);
});

test("bytes of a tensor that is not contiguous are refused", () => {
  const x = tensor([
    [1, 2],
    [3, 4],
  ]);
  assert.throws(
    () => x.transpose(0, 1).bytes(),
    /contiguous tensor on the CPU, got float32\[2, 2\]/,
  );
});

test("the bytes of a tensor may move to another buffer of this thread, and live on there", async () => {
  const x = Tensor.ones([1000]);
  const moved = x.bytes().buffer.transfer();
  x.mul_(3);
  x.release();
  await collect();
  Tensor.zeros([1000]).release(); // would take the memory if it were free
  assert.deepEqual([...new Float32Array(moved, 0, 2)], [3, 3]);
  const mine = Tensor.ones([2]).bytes().buffer;
  assert.throws(() => structuredClone(mine, { transfer: [mine] }), { name: "DataCloneError" });
});
