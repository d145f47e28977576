import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { postgresPrograms } from "../../packages/platform/test/support/postgres-programs.ts";
import { command } from "../command.ts";

/** Where Debian's package looks whether it is to make and start a server of its own. */
const packageSettings = "/etc/postgresql-common";

/**
 * Sees to it that the tests find PostgreSQL's programs: Debian's package is installed where this
 * process may do that. Elsewhere the tests that need it are skipped, with what to do; in CI they fail.
 */
export async function ensurePostgres(): Promise<void> {
  if (postgresPrograms() !== null || process.getuid?.() !== 0) return;
  if (!existsSync("/usr/bin/apt-get")) return;
  console.log("PostgreSQL is installed for the tests (apt-get, 60 MB); no server is left running");
  const settings = join(packageSettings, "createcluster.conf");
  if (existsSync(settings)) return await install();
  mkdirSync(packageSettings, { recursive: true });
  writeFileSync(settings, "create_main_cluster = false\n");
  try {
    await install();
  } finally {
    rmSync(settings, { force: true }); // it is for this installation, and no later one
  }
}

async function install(): Promise<void> {
  const apt = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet", "--yes"] as const;
  for (const words of [["update"], ["install", "--no-install-recommends", "postgresql"]]) {
    const { code, output } = await command([...apt, ...words]);
    if (code === 0) continue;
    console.log(`apt-get ${words[0]} failed (exit ${code}):\n${output.slice(-2000)}`);
    return;
  }
}
