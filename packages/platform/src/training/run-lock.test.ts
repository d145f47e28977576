import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { thisPlace } from "../telemetry/index.ts";
import { RunLock } from "./run-lock.ts";

const folder = async () => await mkdtemp(join(tmpdir(), "cello-lock-"));

test("a run has one writer: the second is refused, with the pid of the first", async (t) => {
  const run = await folder();
  t.after(() => rm(run, { recursive: true }));
  const lock = await RunLock.take(run);
  await assert.rejects(RunLock.take(run), {
    code: "RUN_LOCKED",
    message: `run ${run} is being written by process ${process.pid} on ${hostname()}`,
  });
  await lock.release();
  await (await RunLock.take(run)).release();
  assert.deepEqual(await readdir(join(run, "lock")), ["2"]);
});

test("the lock of a process that was killed is stale, and is taken over", async (t) => {
  const run = await folder();
  t.after(() => rm(run, { recursive: true }));
  const child = spawn(process.execPath, ["-e", "process.stdin.resume()"], { stdio: "pipe" });
  await once(child, "spawn");
  const holder = { pid: child.pid, startTicks: "1", host: hostname(), isReleased: false };
  await mkdir(join(run, "lock"));
  await writeFile(join(run, "lock", "7"), JSON.stringify(holder));
  const lock = await RunLock.take(run); // the pid lives, but began at another time
  assert.deepEqual(await readdir(join(run, "lock")), ["8"]);
  await lock.release();
  child.kill("SIGKILL");
  await once(child, "exit");
});

test("the lock of another machine is believed, and the error says how to remove it", async (t) => {
  const run = await folder();
  t.after(() => rm(run, { recursive: true }));
  await mkdir(join(run, "lock"));
  const holder = { pid: 1, startTicks: "1", host: "elsewhere", isReleased: false };
  await writeFile(join(run, "lock", "1"), JSON.stringify(holder));
  await assert.rejects(RunLock.take(run), (error: Error & { hint?: string }) => {
    assert.match(error.message, /process 1 on elsewhere/);
    assert.match(error.hint ?? "", /remove .*lock\/1/);
    return true;
  });
});

test("the lock of another container with this host name is believed", async (t) => {
  const run = await folder();
  t.after(() => rm(run, { recursive: true }));
  await mkdir(join(run, "lock"));
  const here = await thisPlace();
  const holder = { ...here, pid: 1, startTicks: "none", isReleased: false };
  const elsewhere = { ...holder, pidNamespace: "pid:[1]" };
  await writeFile(join(run, "lock", "1"), JSON.stringify(elsewhere));
  await assert.rejects(RunLock.take(run), (error: Error & { hint?: string }) => {
    assert.match(error.message, /is being written by process 1 on /);
    assert.match(error.hint ?? "", /another container .*remove .*lock\/1/);
    return true;
  });
  await writeFile(join(run, "lock", "1"), JSON.stringify(holder)); // here, where it is gone
  await (await RunLock.take(run)).release();
});

test("of twenty that take a lock at once, one gets it, each time", async (t) => {
  const run = await folder();
  t.after(() => rm(run, { recursive: true }));
  for (let round = 0; round < 20; round++) {
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => RunLock.take(run)));
    const taken = results.filter((result) => result.status === "fulfilled");
    assert.equal(taken.length, 1, `round ${round}: ${taken.length} writers`);
    await taken[0]?.value.release();
  }
});

test("four processes that fight for a lock a hundred times never hold it together", async (t) => {
  const run = await folder();
  t.after(() => rm(run, { recursive: true }));
  const lock = JSON.stringify(new URL("run-lock.ts", import.meta.url).href);
  const program = `
    import { rmSync, writeFileSync } from "node:fs";
    const { RunLock } = await import(${lock});
    const [run, held] = [${JSON.stringify(run)}, ${JSON.stringify(join(run, "held"))}];
    for (let taken = 0; taken < 25; ) {
      const lock = await RunLock.take(run).catch((error) => {
        if (error.code !== "RUN_LOCKED") throw error;
        return null;
      });
      if (lock === null) continue;
      writeFileSync(held, "", { flag: "wx" }); // fails when another process holds the lock too
      rmSync(held);
      await lock.release();
      taken += 1;
    }`;
  const children = Array.from({ length: 4 }, () =>
    spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: "inherit" }),
  );
  const ends = await Promise.all(children.map((child) => once(child, "exit")));
  assert.deepEqual(
    ends.map(([code]) => code),
    [0, 0, 0, 0],
  );
  assert.deepEqual(await readdir(join(run, "lock")), ["100"]);
});
