// `npm run fix`, after Biome has repaired TypeScript: the format of Rust and of C++.

import { globSync } from "node:fs";
import { clangFormat } from "./clang-format.ts";
import { onTerminal, repository } from "./command.ts";

const sources = globSync("packages/engine/native/**/*.{cc,h}", { cwd: repository });
const commands: readonly (readonly [string, ...string[]])[] = [
  ["cargo", "fmt", "--manifest-path=packages/zarr/native/Cargo.toml"],
  [await clangFormat(), "-i", ...sources],
];
for (const command of commands) process.exitCode ||= await onTerminal(command);
