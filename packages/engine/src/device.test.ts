import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { type TestOptions, test } from "node:test";
import {
  autocast,
  backward,
  cudaDeviceCount,
  type Device,
  emptyCache,
  engineInfo,
  Generator,
  getNumThreads,
  memoryStats,
  resetPeak,
  setNumThreads,
  synchronize,
  Tensor,
} from "./index.ts";
import { torchVersion } from "./locate-torch.ts";

const onCuda: TestOptions =
  cudaDeviceCount() > 0 ? {} : { skip: "libtorch finds no CUDA device here" };
const cuda: Device = "cuda:0";

test("a device that is not there is refused, with the reason", () => {
  const beyond: Device = `cuda:${cudaDeviceCount()}`;
  for (const act of [
    () => Tensor.zeros([1], { device: beyond }),
    () => Tensor.zeros([1]).to({ device: beyond }),
    () => new Generator(0, beyond),
    () => synchronize(beyond),
  ]) {
    assert.throws(act, { name: "ENGINE", message: new RegExp(`no device ${beyond}: .+`) });
  }
  const unknown = "tpu:0" as Device;
  assert.throws(() => Tensor.zeros([1], { device: unknown }), /'cpu' or 'cuda:N', got 'tpu:0'/);
});

test("work on the CPU is done when a call returns", () => synchronize("cpu"));

test("the number of threads can be set and read", () => {
  const before = getNumThreads();
  setNumThreads(1);
  assert.equal(getNumThreads(), 1);
  setNumThreads(before);
  for (const wrong of [0, -1, 1.5, 1e6, Number.NaN]) {
    assert.throws(() => setNumThreads(wrong), { name: "ENGINE_ARGUMENT" });
  }
});

test("the engine says what it runs on", () => {
  const info = engineInfo();
  assert.equal(info.torchVersion, torchVersion);
  assert.ok(info.numOperators > 3400);
  assert.match(info.cpuCapability, /^[A-Z0-9]+$/);
  assert.equal(info.cuda.deviceCount, cudaDeviceCount());
});

test("tensors go to a CUDA device and come back", onCuda, () => {
  const x = Tensor.from([1, 2, 3], { device: cuda });
  assert.equal(x.device, cuda);
  assert.deepEqual([...x.mul(2).data()], [2, 4, 6]);
  assert.deepEqual([...x.to({ device: "cpu" }).data()], [1, 2, 3]);
  assert.throws(() => x.bytes(), /on the CPU/);
});

test("memory on a CUDA device is counted", onCuda, () => {
  const before = memoryStats(cuda).liveBytes;
  const x = Tensor.ones([1 << 20], { device: cuda });
  assert.equal(memoryStats(cuda).liveBytes, before + (4 << 20));
  x.release();
  resetPeak(cuda);
  emptyCache(cuda);
  assert.equal(memoryStats(cuda).peakBytes, before);
});

test("a seed counts on a CUDA device also when it was given before CUDA was loaded", onCuda, () => {
  const program = `
    import { manualSeed, Tensor } from "${new URL("./index.ts", import.meta.url)}";
    const draw = () => [...Tensor.randn([4], { device: "${cuda}" }).data()];
    manualSeed(5);
    const first = draw();
    manualSeed(5);
    console.log(JSON.stringify([first, draw()]));
  `;
  const args = ["--input-type=module", "--no-warnings", "-e", program];
  const [first, second] = JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" }));
  assert.deepEqual(first, second);
});

test("generators, autocast and backward work on a CUDA device", onCuda, () => {
  const draw = () => [
    ...Tensor.randn([4], { device: cuda, generator: new Generator(1, cuda) }).data(),
  ];
  assert.deepEqual(draw(), draw());
  const w = Tensor.ones([8, 8], { device: cuda, requiresGrad: true });
  const y = autocast({ device: "cuda" }, () => w.matmul(w));
  assert.equal(y.dtype, "bfloat16");
  backward(y.to({ dtype: "float32" }).sum());
  synchronize(cuda);
  assert.deepEqual(w.grad?.shape, [8, 8]);
});
