import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Worker } from "node:worker_threads";
import { profile, Tensor } from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "profile-"));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, "trace.json");

interface Trace {
  readonly traceEvents: readonly {
    readonly cat?: string;
    readonly name: string;
    readonly dur?: number;
    readonly args?: Readonly<Record<string, unknown>>;
  }[];
}

/** The operators in the trace file. */
function operatorsRead(): Trace["traceEvents"] {
  const { traceEvents } = JSON.parse(readFileSync(path, "utf8")) as Trace;
  return traceEvents.filter(({ cat }) => cat === "cpu_op");
}

test("a profile is a Chrome trace of the operators that ran, with shapes when asked for", () => {
  const x = Tensor.ones([2, 3]);
  const result = profile({ path, shapes: true }, () => x.mm(x.transpose(0, 1)).sum().item());
  assert.equal(result, 12);
  const mm = operatorsRead().find(({ name }) => name === "aten::mm");
  assert.deepEqual(mm?.args?.["Input Dims"], [
    [2, 3],
    [3, 2],
  ]);
  assert.ok(mm?.dur !== undefined && mm.dur > 0);
});

test("a profile lasts as long as a promise", async () => {
  const x = Tensor.ones([2]);
  await profile({ path }, async () => {
    await Promise.resolve();
    x.exp();
  });
  assert.ok(operatorsRead().some(({ name }) => name === "aten::exp"));
});

test("the file is written when the function throws, or its promise fails", async () => {
  const x = Tensor.ones([2]);
  const act = () =>
    profile({ path }, () => {
      x.cos();
      throw new RangeError("on purpose");
    });
  assert.throws(act, /on purpose/);
  assert.ok(operatorsRead().some(({ name }) => name === "aten::cos"));
  await assert.rejects(
    profile({ path }, async () => {
      x.sin();
      throw new RangeError("on purpose");
    }),
    /on purpose/,
  );
  assert.ok(operatorsRead().some(({ name }) => name === "aten::sin"));
});

test("a second profile at the same time is refused, and the first goes on", () => {
  profile({ path }, () => {
    assert.throws(() => profile({ path }, () => 1), /already/);
    Tensor.ones([2]).exp();
  });
  assert.ok(operatorsRead().some(({ name }) => name === "aten::exp"));
});

test("the file is written when the process ends within a profile", () => {
  const index = new URL("./index.ts", import.meta.url).href;
  const program = `
    import { profile, Tensor } from ${JSON.stringify(index)};
    profile({ path: ${JSON.stringify(path)} }, () => { Tensor.ones([2]).tanh(); process.exit(6); });
  `;
  const args = ["--input-type=module", "--no-warnings", "-e", program];
  const { status, signal } = spawnSync(process.execPath, args);
  assert.deepEqual({ status, signal }, { status: 6, signal: null });
  assert.ok(operatorsRead().some(({ name }) => name === "aten::tanh"));
});

test("a worker that ends within a profile leaves none behind", async () => {
  const index = new URL("./index.ts", import.meta.url).href;
  const program = `
    import { profile, Tensor } from ${JSON.stringify(index)};
    profile({ path: ${JSON.stringify(path)} }, () => new Promise(() => Tensor.ones([2]).exp()));
  `;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(program)}`));
  await new Promise((resolve) => worker.once("exit", resolve));
  profile({ path }, () => Tensor.ones([2]).cos());
  assert.ok(operatorsRead().some(({ name }) => name === "aten::cos"));
});

test("a file that cannot be written is named before anything is recorded", () => {
  const nowhere = join(folder, "no", "folder.json");
  let calls = 0;
  const act = () => profile({ path: nowhere }, () => (calls += 1));
  assert.throws(act, { message: new RegExp(nowhere) });
  assert.equal(calls, 0);
  assert.equal(
    profile({ path }, () => 1),
    1,
  );
});

test("a relative path is that of the working folder at the start", () => {
  const before = process.cwd();
  try {
    process.chdir(folder);
    profile({ path: "relative.json" }, () => {
      process.chdir(before);
      Tensor.ones([2]).exp();
    });
  } finally {
    process.chdir(before);
  }
  assert.match(readFileSync(join(folder, "relative.json"), "utf8"), /aten::exp/);
});
