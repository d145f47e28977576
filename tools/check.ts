// `npm run check`: the one gate. Format, lint, types, architecture, unused exports, native code.
// The addons themselves were built by set-up just before, with warnings as errors.

import { globSync } from "node:fs";
import { join } from "node:path";
import { clangFormat } from "./clang-format.ts";
import { command, repository } from "./command.ts";

interface Gate {
  readonly name: string;
  readonly command: () => Promise<readonly [string, ...string[]]>;
}

const bin = (name: string) => join(repository, "node_modules", ".bin", name);
const cargo = (...args: string[]) => ["cargo", ...args] as const;
const manifest = "--manifest-path=packages/zarr/native/Cargo.toml";
const target = `--target-dir=${join(repository, ".cello/build/zarr/target")}`;

const gates: readonly Gate[] = [
  {
    name: "format and lint",
    command: async () => [bin("biome"), "ci", "--colors=off", "--error-on-warnings", "."],
  },
  { name: "types", command: async () => [bin("tsc"), "-p", "."] },
  {
    name: "architecture",
    command: async () => [
      process.execPath,
      "--test",
      "packages/platform/test/architecture.test.ts",
    ],
  },
  { name: "unused exports", command: async () => [bin("knip"), "--no-progress"] },
  { name: "Rust format", command: async () => cargo("fmt", "--check", manifest) },
  {
    name: "Rust lint",
    command: async () =>
      cargo("clippy", "--release", "--quiet", "--locked", manifest, target, "--", "-D", "warnings"),
  },
  {
    name: "Rust tests",
    command: async () => cargo("test", "--release", "--quiet", manifest, target),
  },
  {
    name: "C++ format",
    command: async () => [
      await clangFormat(),
      "--dry-run",
      "-Werror",
      ...globSync("packages/engine/native/**/*.{cc,h}", { cwd: repository }),
    ],
  },
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((word) => !gates.some(({ name }) => name.includes(word)));
if (unknown.length > 0) {
  const names = gates.map(({ name }) => name).join(", ");
  console.error(`check: no gate has ${unknown.join(" or ")} in its name; there are: ${names}`);
  process.exit(2);
}
const failed: string[] = [];
for (const gate of gates) {
  if (wanted.length > 0 && !wanted.some((word) => gate.name.includes(word))) continue;
  const began = performance.now();
  const { code, output } = await command(await gate.command());
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${code === 0 ? "ok  " : "FAIL"}  ${gate.name} (${seconds} s)`);
  if (code === 0) continue;
  failed.push(gate.name);
  console.log(output.trimEnd());
}
if (failed.length > 0) {
  console.error(`\ncheck: ${failed.join(", ")} failed; npm run fix repairs format and simple lint`);
  process.exitCode = 1;
}
