import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import fc from "fast-check";
import { type Device, emptyCache, memoryStats, resetPeak, Tensor } from "./index.ts";

test("live bytes are those that were asked for, and peak the most of them", () => {
  resetPeak();
  const { liveBytes } = memoryStats();
  const x = Tensor.empty([1000]);
  const y = Tensor.empty([500], { dtype: "uint8" });
  assert.equal(memoryStats().liveBytes, liveBytes + 4500);
  x.release();
  y.release();
  assert.equal(memoryStats().liveBytes, liveBytes);
  assert.equal(memoryStats().peakBytes, liveBytes + 4500);
  resetPeak();
  assert.equal(memoryStats().peakBytes, liveBytes);
});

test("memory is counted where there is memory", () => {
  assert.throws(() => memoryStats("meta" as Device), {
    message: /expected a device 'cpu' or 'cuda:N', got 'meta'/,
  });
});

test("a freed block is used again, and goes back to the system when the cache is emptied", () => {
  emptyCache();
  const { reservedBytes } = memoryStats();
  Tensor.empty([1 << 20]).release();
  const filled = memoryStats().reservedBytes;
  assert.ok(filled >= reservedBytes + (4 << 20));
  Tensor.empty([1 << 20]).release();
  assert.equal(memoryStats().reservedBytes, filled);
  emptyCache();
  assert.equal(memoryStats().reservedBytes, reservedBytes);
});

test("blocks of many sizes do not pile up beyond the peak", () => {
  emptyCache();
  for (let megabytes = 1; megabytes < 100; megabytes += 1) {
    Tensor.empty([megabytes << 20], { dtype: "uint8" }).release();
  }
  const { reservedBytes, liveBytes } = memoryStats();
  assert.ok(reservedBytes - liveBytes < 300 << 20, `${reservedBytes >> 20} MiB`);
  emptyCache();
});

test("blocks never overlap, whatever is taken and freed", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 5000 }), fc.boolean()), { maxLength: 60 }),
      (plan) => {
        const held: { readonly x: Tensor; readonly mark: number }[] = [];
        for (const [i, [size, frees]] of plan.entries()) {
          const mark = i % 251;
          held.push({ x: Tensor.full([size], mark, { dtype: "uint8" }), mark });
          if (frees) held.splice(size % held.length, 1)[0]?.x.release();
        }
        for (const { x, mark } of held) {
          assert.ok(x.data().every((byte) => byte === mark));
          x.release();
        }
      },
    ),
    { numRuns: 30 },
  );
});

const program = `
  import { Tensor, memoryStats } from "${new URL("./index.ts", import.meta.url)}";
  Tensor.empty([1 << 20]).release();
  const { reservedBytes, liveBytes } = memoryStats();
  let refused = "";
  try { Tensor.empty([3e6]); } catch (error) { refused = error.code; }
  console.log(JSON.stringify({ kept: reservedBytes - liveBytes > 1 << 20, refused }));
`;

/** What the program above prints under other environment variables. */
function under(variables: Readonly<Record<string, string>>): unknown {
  const args = ["--input-type=module", "--no-warnings", "-e", program];
  const env = { ...process.env, ...variables };
  return JSON.parse(execFileSync(process.execPath, args, { env, encoding: "utf8" }));
}

test("the allocator and its limits can be chosen by environment variables", () => {
  assert.deepEqual(under({}), { kept: true, refused: "" });
  assert.deepEqual(under({ CELLO_ALLOCATOR: "plain" }), { kept: false, refused: "" });
  assert.deepEqual(under({ CELLO_CACHE_LIMIT_BYTES: "100000" }), { kept: false, refused: "" });
  assert.deepEqual(under({ CELLO_MEMORY_LIMIT_BYTES: "8000000" }), {
    kept: false, // the cache is half of the limit
    refused: "OUT_OF_MEMORY",
  });
});
