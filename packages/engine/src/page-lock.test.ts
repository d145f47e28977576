import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { cudaDeviceCount, PageLock } from "./index.ts";

const hasCuda = cudaDeviceCount() > 0;
const folder = mkdtempSync(join(tmpdir(), "cello-page-lock-"));
const runtime = join(folder, "runtime.so");

before(() => {
  const source = join(import.meta.dirname, "fixtures/pretended-cuda-runtime.c");
  execFileSync("cc", ["-shared", "-fPIC", "-o", runtime, source]);
});
after(() => rmSync(folder, { recursive: true }));

/** What a program says where a CUDA runtime of our own is loaded, and what that one says. */
function say(program: string, environment: NodeJS.ProcessEnv = {}): readonly string[] {
  const script = `
    import { PageLock, engineInfo } from ${JSON.stringify(import.meta.resolve("./index.ts"))};
    engineInfo();
    ${program}`;
  const flags = ["--expose-gc", "--no-warnings", "--input-type=module", "-e", script];
  const env = { ...process.env, ...environment, LD_PRELOAD: runtime };
  return execFileSync(process.execPath, flags, { env, encoding: "utf8" }).trim().split("\n");
}

test("without CUDA pages are not locked, and why is said", { skip: hasCuda }, () => {
  const lock = new PageLock(new SharedArrayBuffer(4096));
  // Some libtorch brings the runtime along where there is no driver for it.
  assert.match(lock.whyNot ?? "", /^(no CUDA runtime is loaded|CUDA driver version is .*)$/);
  lock.release();
  lock.release();
});

test("pages are locked for every device, once, and unlocked once", () => {
  const lines = say(`
    const lock = new PageLock(new SharedArrayBuffer(1 << 20));
    console.log(lock.whyNot);
    lock.release();
    lock.release();
    console.log("released");`);
  assert.deepEqual(lines, ["lock 1048576 1", "null", "unlock", "released"]);
});

test("what cannot be locked is said in CUDA's words, is no fault of the next call, and is not unlocked", () => {
  const lines = say(
    `
    const lock = new PageLock(new SharedArrayBuffer(8192));
    console.log(lock.whyNot);
    lock.release();`,
    { PRETEND_LIMIT: "4096" },
  );
  assert.deepEqual(lines, ["forget 2", "out of memory"]);
  assert.deepEqual(say("console.log(new PageLock(new SharedArrayBuffer(0)).whyNot);"), [
    "there are no bytes",
  ]);
});

test("a lock that is forgotten is undone before its memory goes", () => {
  const lines = say(`
    new PageLock(new SharedArrayBuffer(1 << 20));
    for (let round = 0; round < 5; round++) {
      gc();
      await new Promise((resolve) => setImmediate(resolve));
    }`);
  assert.deepEqual(lines, ["lock 1048576 1", "unlock"]);
});
