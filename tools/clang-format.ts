import { existsSync } from "node:fs";
import { join } from "node:path";
import { command, repository } from "./command.ts";

const version = "21.1.8";

/** The pinned clang-format, which pip brings as a program of its own on first use. */
export async function clangFormat(): Promise<string> {
  const folder = join(repository, ".cello", "clang-format", version);
  const program = join(folder, "clang_format", "data", "bin", "clang-format");
  if (existsSync(program)) return program;
  const python = process.env.CELLO_PYTHON ?? "python3";
  const wheel = `clang-format==${version}`;
  const { code, output } = await command([
    ...([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"] as const),
    ...["--target", folder, wheel],
  ]);
  if (code !== 0) throw new Error(`pip could not install ${wheel}:\n${output}`);
  return program;
}
