import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Worker } from "node:worker_threads";
import { engine, type NativeEngine, type TensorSlot } from "./binding.ts";
import { CellError, StaleTensorError, Tensor } from "./index.ts";
import { projectTorch, torchVersion } from "./locate-torch.ts";

// better-sqlite3's questions (rule 44 of the house style), asked of every function of the door:
// after release? in a worker? with nothing in it? with NaN? of a wrong kind? when a callback
// throws is in autograd.test.ts, when collected during the call in tensor-memory.test.ts.

const native = engine();
const folder = mkdtempSync(join(tmpdir(), "binding-"));
after(() => rmSync(folder, { recursive: true }));

/** Functions that take no tensor, or that take a released one on purpose. */
const takesNoTensor = new Set<keyof NativeEngine>([
  "availableBytes",
  "awaitEvent",
  "cpuCapability",
  "cudaDeviceCount",
  "defaultGenerator",
  "emptyCache",
  "fromBytes",
  "generatorSeed",
  "generatorState",
  "getNumThreads",
  "installAllocator",
  "isEventPassed",
  "isGradEnabled",
  "isLive",
  "liveBytes",
  "liveTensors",
  "lockPages",
  "makeCopyStream",
  "makeEvent",
  "makeGenerator",
  "manualSeed",
  "memoryStats",
  "nestAutocast",
  "numOperators",
  "operator",
  "operatorTypes",
  "operators",
  "overBytes",
  "popScope",
  "pushScope",
  "recordEvent",
  "release",
  "resetPeak",
  "seedGenerator",
  "setAutocast",
  "setErrorFactory",
  "setGradEnabled",
  "setNumThreads",
  "setSizesArray",
  "setTorchLibraries",
  "startProfiler",
  "stopProfiler",
  "synchronize",
  "torchConfig",
  "unlockPages",
  "whyNotLocked",
]);

/** How each function that takes a tensor is called, with `x` in the tensor's place. */
const withTensor: Readonly<Record<string, (x: TensorSlot) => unknown>> = {
  addGradReadyHook: (x) => native.addGradReadyHook(x, () => {}),
  backward: (x) => native.backward([x], [], [], false, false),
  bytes: (x) => native.bytes(x),
  copyToDevice: (x) => {
    const [stream, event] = [native.makeCopyStream("cpu"), native.makeEvent("cpu")];
    native.copyToDevice(x, x, stream, null, event);
  },
  copyOut: (x) => native.copyOut(x, 6, new Uint8Array(8)),
  deviceName: (x) => native.deviceName(x),
  dtype: (x) => native.dtype(x),
  getGrad: (x) => native.getGrad(x),
  grad: (x) => native.grad([x], [], [x], false, false),
  isContiguous: (x) => native.isContiguous(x),
  item: (x) => native.item(x),
  keep: (x) => native.keep(x),
  numAxes: (x) => native.numAxes(x),
  numElements: (x) => native.numElements(x),
  readSizes: (x) => native.readSizes(x),
  removeGradReadyHook: (x) => native.removeGradReadyHook(x, 1),
  requiresGrad: (x) => native.requiresGrad(x),
  setGeneratorState: (x) => native.setGeneratorState(native.makeGenerator(0, "cpu"), x),
  setGrad: (x) => native.setGrad(x, x),
  setRequiresGrad: (x) => native.setRequiresGrad(x, false),
  strides: (x) => native.strides(x),
};

const functions = Object.keys(native) as (keyof NativeEngine)[];

test("every function of the door is asked the questions", () => {
  const asked = [...takesNoTensor, ...Object.keys(withTensor)].sort();
  assert.deepEqual(functions.toSorted(), asked);
});

test("after release: every function that takes a tensor refuses it", () => {
  for (const [name, call] of Object.entries(withTensor)) {
    const x = Tensor.ones([2]);
    x.release();
    assert.throws(() => call(x.slot), StaleTensorError, name);
    assert.throws(() => call(Number.NaN as TensorSlot), StaleTensorError, `${name} of NaN`);
    assert.throws(() => call((x.slot + 0.5) as TensorSlot), StaleTensorError, name);
    assert.throws(() => call(-x.slot as TensorSlot), StaleTensorError, name);
    assert.throws(() => call((2 ** 60) as TensorSlot), StaleTensorError, name);
  }
});

test("with nothing in it: every function that takes a tensor returns, or says why not", () => {
  for (const [name, call] of Object.entries(withTensor)) {
    const x = Tensor.zeros([0, 3]);
    try {
      call(x.slot);
    } catch (error) {
      assert.ok(error instanceof CellError, name);
    }
    x.release();
  }
});

const junk = [undefined, null, Number.NaN, -1, 1e300, "word", {}, [], [1], [{}], true, 7n, () => 1];
/** These would change what the other tests run on. */
const notWithJunk = new Set<keyof NativeEngine>([
  "installAllocator",
  "setErrorFactory",
  "setTorchLibraries",
  "setAutocast",
  "nestAutocast",
  "setGradEnabled",
  "stopProfiler",
  "startProfiler",
]);

test("of a wrong kind: every function refuses junk with an error of ours", () => {
  const depth = native.pushScope();
  const numThreads = native.getNumThreads();
  for (const name of functions) {
    if (notWithJunk.has(name) || name === "pushScope") continue;
    const call = native[name] as (...args: readonly unknown[]) => unknown;
    for (const first of junk) {
      for (const second of junk) {
        try {
          call(first, second, first, second, first);
        } catch (error) {
          assert.ok(error instanceof CellError, `${name}: ${String(error)}`);
        }
      }
    }
  }
  native.setNumThreads(numThreads);
  native.popScope(depth, []);
});

test("scopes are closed in the order in which they were opened", () => {
  const outer = native.pushScope();
  const inner = native.pushScope();
  assert.throws(() => native.popScope(outer, []), /expected depth \d+, got \d+/);
  native.popScope(inner, []);
  native.popScope(outer, []);
  assert.throws(() => native.popScope(0, []), CellError);
});

test("in a worker: it has tensors of its own, and may end while they live", async () => {
  const index = new URL("./index.ts", import.meta.url).href;
  const program = `
    import { workerData, parentPort } from "node:worker_threads";
    import { backward, liveTensors, noGrad, onGradReady, scope, Tensor } from ${JSON.stringify(index)};
    const before = liveTensors();
    let foreign = "taken";
    try { Object.assign(Tensor.ones([1]), {}).add(1); Tensor.prototype.add.call({ __proto__: Tensor.prototype, slot: workerData.slot }, 1); } catch (error) { foreign = error.code; }
    const shared = Tensor.over(workerData.buffer, { shape: [4], dtype: "float32" });
    shared.mul_(2);
    const w = Tensor.ones([1000], { requiresGrad: true });
    let calls = 0;
    onGradReady(w, () => { calls += 1; });
    backward(scope(() => w.mul(3).sum()));
    w.bytes();
    parentPort.postMessage({ before, foreign, calls, grad: w.grad.data()[0] });
  `;
  const buffer = new SharedArrayBuffer(16);
  new Float32Array(buffer).fill(5);
  const mine = Tensor.ones([2]);
  for (let round = 0; round < 3; round += 1) {
    const url = new URL(`data:text/javascript,${encodeURIComponent(program)}`);
    const worker = new Worker(url, { workerData: { buffer, slot: mine.slot } });
    // Before anything is awaited: a worker's last message and its end may come at once.
    const ended = new Promise((resolve) => worker.once("exit", resolve));
    const answer = await new Promise((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
    });
    await ended;
    assert.deepEqual(answer, { before: 0, foreign: "STALE_TENSOR", calls: 1, grad: 3 });
  }
  assert.deepEqual([...new Float32Array(buffer)], [40, 40, 40, 40]);
  assert.deepEqual([...mine.data()], [1, 1]);
});

/** The code, message and hint of what importing the engine throws under other variables. */
function failureUnder(variables: Readonly<Record<string, string>>): string {
  const index = new URL("./index.ts", import.meta.url).href;
  const program = `
    const { Tensor } = await import(${JSON.stringify(index)});
    try { Tensor.ones([1]); } catch (error) { console.log(error.code, error.message, error.hint); }
  `;
  const args = ["--input-type=module", "--no-warnings", "-e", program];
  const env = { ...process.env, ...variables };
  return execFileSync(process.execPath, args, { env, encoding: "utf8" });
}

test("an engine that is not built, or a libtorch that is not there, is named by its path", () => {
  assert.match(
    failureUnder({ CELLO_ENGINE_BUILD: folder }),
    /ENGINE_MISSING the engine did not load from .*torch-loader\.node.*npm run setup/s,
  );
  assert.match(
    failureUnder({ CELLO_TORCH: folder }),
    new RegExp(`ENGINE_MISSING .*${folder}.*npm run setup`, "s"),
  );
});

test("a libtorch that is not the one that the engine was compiled for is refused", () => {
  const path = join(folder, "torch");
  const library = join(path, "lib", "libtorch_cpu.so");
  mkdirSync(join(path, "lib"), { recursive: true });
  writeFileSync(join(path, "version.py"), `__version__ = '${torchVersion}+cpu'\n`);
  const refusal = (found: string) =>
    `TORCH_VERSION expected libtorch ${torchVersion}, found ${found} in ${path} Unset CELLO_TORCH`;

  // Its folder says that it is the right one, and it says that it is another.
  const source = join(folder, "fake-torch.cc");
  const abiVersion = 'extern "C" long aoti_torch_abi_version() { return 0x0201030000000000; }';
  writeFileSync(source, abiVersion);
  execFileSync(process.env.CXX ?? "c++", ["-shared", "-fPIC", "-o", library, source]);
  assert.ok(failureUnder({ CELLO_TORCH: path }).startsWith(refusal("2.1.3")));

  // Any library that is no libtorch at all.
  const build = process.env.CELLO_ENGINE_BUILD ?? join(projectTorch, "../build/engine");
  copyFileSync(join(build, "torch-loader.node"), library);
  assert.ok(failureUnder({ CELLO_TORCH: path }).startsWith(refusal("an unknown version")));
});
