import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { command, repository } from "../command.ts";

/**
 * The Python that our numbers are checked against: a virtual environment with the pinned
 * `requirements.txt` of this folder (PyTorch and friends, 6 GB), made on first use.
 *
 * @returns the environment's python program.
 */
export async function referencePython(): Promise<string> {
  if (process.env.CELLO_REFERENCE_PYTHON !== undefined) return process.env.CELLO_REFERENCE_PYTHON;
  const requirements = join(import.meta.dirname, "requirements.txt");
  const stamp = createHash("sha256").update(readFileSync(requirements)).digest("hex");
  const home = join(repository, ".cello", "reference");
  const stampFile = join(home, "stamp");
  const python = join(home, "bin", "python");
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return python;

  console.error("Reference environment (PyTorch and friends, 6 GB): a few minutes the first time");
  mkdirSync(home, { recursive: true });
  await must([process.env.CELLO_PYTHON ?? "python3", "-m", "venv", home]);
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"] as const;
  await must([python, ...pip, "-r", requirements]);
  writeFileSync(stampFile, stamp);
  return python;
}

async function must(words: readonly [string, ...string[]]): Promise<void> {
  const { code, output } = await command(words);
  if (code !== 0) throw new Error(`${words.join(" ")} failed (exit ${code}):\n${output}`);
}
