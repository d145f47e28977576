import assert from "node:assert/strict";
import { type TestOptions, test } from "node:test";
import {
  CopyStream,
  cudaDeviceCount,
  type Device,
  DeviceEvent,
  type Dtype,
  liveTensors,
  PageLock,
  scope,
  Tensor,
} from "./index.ts";

const devices: readonly Device[] = ["cpu", ...(cudaDeviceCount() > 0 ? (["cuda:0"] as const) : [])];

for (const device of devices) {
  test(`what is copied beside the work of ${device} is there for what comes behind the copy`, async () => {
    const before = liveTensors();
    const size = 1 << 20;
    const memory = new SharedArrayBuffer(2 * size);
    const lock = new PageLock(memory);
    assert.equal(lock.whyNot === null, device !== "cpu");
    const host = new Uint16Array(memory);
    const stream = new CopyStream(device);
    const [used, copied] = [stream.newEvent(), stream.newEvent()];
    const target = Tensor.zeros([size], { dtype: "uint16", device });
    used.record(); // the copy must not be overtaken by the zeros
    const source = Tensor.over(memory, { shape: [size], dtype: "uint16" });
    for (let turn = 1; turn <= 8; turn++) {
      host.fill(turn);
      stream.copy(target, source, { after: used, copied });
      while (!copied.isPassed) await new Promise((resolve) => setImmediate(resolve));
      host.fill(999); // it was read: the memory may be used again
      copied.precede();
      const sum = scope(() => target.to({ dtype: "float32" }).sum().item());
      used.record();
      assert.equal(sum, turn * size);
    }
    for (const tensor of [target, source]) tensor.release();
    lock.release();
    assert.equal(liveTensors(), before);
  });
}

test("every number type is copied as it is, also nothing at all", () => {
  const stream = new CopyStream("cpu");
  const copied = stream.newEvent();
  for (const dtype of ["uint8", "uint16", "int16", "int32", "float32"] satisfies Dtype[]) {
    scope(() => {
      const target = Tensor.zeros([2, 2], { dtype });
      stream.copy(target, Tensor.from([1, 2, 3, 4], { shape: [2, 2], dtype }), {
        after: null,
        copied,
      });
      assert.deepEqual([...target.to({ dtype: "float32" }).data()], [1, 2, 3, 4]);
      const none = Tensor.zeros([0], { dtype });
      stream.copy(none, Tensor.zeros([0], { dtype }), { after: copied, copied });
    });
  }
  assert.ok(copied.isPassed);
});

test("a copy that would need another pass through memory is refused", () => {
  const stream = new CopyStream("cpu");
  const copied = stream.newEvent();
  const copy = (target: Tensor, source: Tensor) =>
    stream.copy(target, source, { after: null, copied });
  scope(() => {
    const target = Tensor.zeros([2, 3]);
    const refused = { name: "ENGINE", message: /two contiguous tensors of one dtype and shape/ };
    assert.throws(() => copy(target, Tensor.zeros([3, 2])), refused);
    assert.throws(() => copy(target, Tensor.zeros([2, 3], { dtype: "uint16" })), refused);
    assert.throws(() => copy(target, Tensor.zeros([3, 2]).transpose(0, 1)), refused);
    const source = Tensor.zeros([2, 3]);
    source.release();
    assert.throws(() => copy(target, source), { name: "STALE_TENSOR" });
    const foreign = { handle: {} } as unknown as DeviceEvent;
    assert.throws(() => stream.copy(target, target, { after: foreign, copied }), {
      name: "ENGINE_ARGUMENT",
      message: /expected an event/,
    });
  });
});

test("an event that nobody recorded is passed, and holds up nothing", () => {
  const event = new DeviceEvent("cpu");
  event.precede();
  assert.ok(event.isPassed);
  event.record();
  assert.ok(event.isPassed);
});

const missing: TestOptions["skip"] = cudaDeviceCount() > 0 && "there is a CUDA device";
test("there is no stream of a device that is not there", { skip: missing }, () => {
  assert.throws(() => new CopyStream("cuda:0"), { name: "ENGINE", message: /no device cuda:0: / });
  assert.throws(() => new DeviceEvent("cuda:0"), /no device cuda:0: /);
});
