import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { backward, Generator, liveBytes, scope, Tensor } from "./index.ts";

const index = new URL("./index.ts", import.meta.url).href;
const urlOf = (program: string) => new URL(`data:text/javascript,${encodeURIComponent(program)}`);

/** Losses of a few steps of gradient descent: the same numbers wherever it runs. */
function train(steps: number): number[] {
  const generator = new Generator(0);
  const w = Tensor.randn([32, 32], { generator, requiresGrad: true });
  const losses: number[] = [];
  for (let step = 0; step < steps; step += 1) {
    scope(() => {
      const x = Tensor.randn([16, 32], { generator });
      const loss = x.matmul(w).sub(x).square().mean();
      backward(loss);
      const gradient = w.grad;
      if (gradient !== null) w.detach().sub_(gradient);
      w.setGrad(null);
      losses.push(Number(loss.item()));
    });
  }
  w.release();
  return losses;
}

test("workers that compute at the same time get the numbers that one thread gets", async () => {
  const before = liveBytes();
  const expected = train(50);
  assert.ok((expected.at(-1) ?? 1) < (expected[0] ?? 0));
  const program = `
    import { parentPort } from "node:worker_threads";
    import { backward, Generator, scope, Tensor } from ${JSON.stringify(index)};
    ${train.toString()}
    Tensor.ones([1000]); // the end of the worker releases it
    parentPort.postMessage(Array.from({ length: 10 }, () => train(50)));
  `;
  const workers = Array.from({ length: 4 }, () => new Worker(urlOf(program)));
  const answers = workers.map(
    (worker) =>
      new Promise((resolve, reject) => {
        worker.once("message", resolve);
        worker.once("error", reject);
      }),
  );
  const ends = workers.map((worker) => new Promise((resolve) => worker.once("exit", resolve)));
  for (const answer of await Promise.all(answers)) {
    for (const losses of answer as readonly number[][]) assert.deepEqual(losses, expected);
  }
  await Promise.all(ends);
  assert.equal(liveBytes(), before);
});

/** Never ends by itself. */
const endless = `
  import { parentPort } from "node:worker_threads";
  import { backward, scope, Tensor } from ${JSON.stringify(index)};
  const w = Tensor.ones([200, 200], { requiresGrad: true });
  for (let step = 0; ; step += 1) {
    scope(() => { backward(w.matmul(w).sum()); w.setGrad(null); });
    if (step === 0) parentPort.postMessage("computing");
  }
`;

test("a worker can be ended while it computes, and its memory goes back", async () => {
  const before = liveBytes();
  const workers = [0, 1].map(() => new Worker(urlOf(endless)));
  await Promise.all(workers.map((worker) => new Promise((go) => worker.once("message", go))));
  await Promise.all(workers.map((worker) => worker.terminate()));
  assert.equal(liveBytes(), before);
  assert.equal(Tensor.ones([3]).sum().item(), 3);
});

/** How a process ends that runs the program. */
function endOf(program: string): { status: number | null; signal: string | null; output: string } {
  const args = ["--input-type=module", "--no-warnings", "-e", program];
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: "utf8",
  });
  return { status, signal, output: `${stdout}${stderr}` };
}

test("a process ends with its own status while workers compute", () => {
  const end = endOf(`
    import { Worker } from "node:worker_threads";
    const program = decodeURIComponent("${encodeURIComponent(endless)}");
    const url = new URL("data:text/javascript," + encodeURIComponent(program));
    const workers = [0, 1].map(() => new Worker(url));
    await Promise.all(workers.map((worker) => new Promise((go) => worker.once("message", go))));
    process.exit(7);
  `);
  assert.deepEqual(end, { status: 7, signal: null, output: "" });
});

test("a process may end in a callback of backward", () => {
  const end = endOf(`
    import { backward, onGradReady, Tensor } from ${JSON.stringify(index)};
    const w = Tensor.ones([3], { requiresGrad: true });
    onGradReady(w, () => process.exit(5));
    backward(w.sum());
  `);
  assert.deepEqual(end, { status: 5, signal: null, output: "" });
});

/** What libgomp says of itself when a worker is the first to load libtorch. */
function libgompUnder(variables: Readonly<Record<string, string>>): string {
  const inWorker = `
    import { Tensor } from ${JSON.stringify(index)};
    Tensor.ones([1]);
  `;
  const program = `
    import { Worker } from "node:worker_threads";
    const program = decodeURIComponent("${encodeURIComponent(inWorker)}");
    new Worker(new URL("data:text/javascript," + encodeURIComponent(program)));
  `;
  const { OMP_WAIT_POLICY: _, GOMP_SPINCOUNT: __, ...rest } = process.env;
  const env = { ...rest, OMP_DISPLAY_ENV: "verbose", ...variables };
  const args = ["--input-type=module", "--no-warnings", "-e", program];
  return spawnSync(process.execPath, args, { env, encoding: "utf8" }).stderr;
}

test("threads that wait sleep, also when a worker loads the engine, unless one says otherwise", () => {
  // How often a waiting thread looks again before it sleeps: 300000 times where nothing is said.
  assert.match(libgompUnder({}), /GOMP_SPINCOUNT = '0'/);
  assert.match(libgompUnder({ OMP_WAIT_POLICY: "ACTIVE" }), /OMP_WAIT_POLICY = 'ACTIVE'/);
  assert.match(libgompUnder({ GOMP_SPINCOUNT: "123" }), /GOMP_SPINCOUNT = '123'/);
});

test("an engine that only workers have loaded works in the next one, and in the main thread", () => {
  const inWorker = `
    import { backward, Tensor } from ${JSON.stringify(index)};
    const w = Tensor.ones([300, 300], { requiresGrad: true });
    backward(w.matmul(w).sum());
    console.log(w.grad.sum().item());
  `;
  const end = endOf(`
    import { Worker } from "node:worker_threads";
    const program = decodeURIComponent("${encodeURIComponent(inWorker)}");
    for (let round = 0; round < 3; round += 1) {
      const worker = new Worker(new URL("data:text/javascript," + encodeURIComponent(program)));
      await new Promise((resolve) => worker.once("exit", resolve));
    }
    const { liveBytes, Tensor } = await import(${JSON.stringify(index)});
    console.log(liveBytes(), Tensor.ones([2]).sum().item());
  `);
  const sum = 2 * 300 ** 3;
  assert.deepEqual(end, {
    status: 0,
    signal: null,
    output: `${sum}\n${sum}\n${sum}\n0 2\n`,
  });
});
