import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command, repository } from "../../command.ts";

export interface RandomTables {
  readonly python: string;
  readonly seed: number;
  readonly numTables: number;
  readonly numQueries: number;
}

/** Random tables and queries, and what plain Python loops answer, in a folder that is removed after. */
export async function withRandomTables<Result>(
  { python, seed, numTables, numQueries }: RandomTables,
  use: (folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "verify-database-"));
  try {
    const script = join(repository, "tools/reference/database_reference.py");
    const counts = [seed, numTables, numQueries].map(String);
    const { code, output } = await command([python, script, folder, ...counts]);
    if (code !== 0) throw new Error(`database_reference.py failed (exit ${code}):\n${output}`);
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
