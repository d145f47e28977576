import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { repository } from "./command.ts";

for (const [script, args, message] of [
  [
    "tools/verify.ts",
    ["--sede", "3"],
    "unknown option '--sede'; write: npm run verify -- [NAME ...] [--seed N]",
  ],
  [
    "tools/verify.ts",
    ["--seed"],
    "option '--seed <value>' argument missing; write: npm run verify -- [NAME ...] [--seed N]",
  ],
  [
    "bench/main.ts",
    ["compose", "--jsno"],
    "unknown option '--jsno'; write: npm run bench -- [NAME ...] [--json]",
  ],
] as const) {
  test(`${script} ${args.join(" ")} is refused with a sentence`, () => {
    const { status, stderr, stdout } = spawnSync(process.execPath, [script, ...args], {
      cwd: repository,
      encoding: "utf8",
    });
    assert.equal(stderr.trim(), message);
    assert.equal(stdout, "");
    assert.equal(status, 2);
  });
}
