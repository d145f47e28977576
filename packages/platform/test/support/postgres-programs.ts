import { execFileSync } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { dirname, join } from "node:path";

/** The folder with PostgreSQL's programs, the newest that is installed; null when none is. */
export function postgresPrograms(): string | null {
  const versionOf = (folder: string) => Number(/(\d+)\/bin$/.exec(folder)?.[1] ?? 0);
  const debian = globSync("/usr/lib/postgresql/*/bin").sort((a, b) => versionOf(b) - versionOf(a));
  const path = (process.env.PATH ?? "").split(":").filter((folder) => folder !== "");
  const folders = [bindir(), ...debian, ...path, "/usr/local/bin"];
  const isWhole = (folder: string) =>
    ["initdb", "pg_ctl", "postgres"].every((name) => existsSync(join(folder, name)));
  return folders.find((folder) => folder !== null && isWhole(folder)) ?? null;
}

/** What a test that needs PostgreSQL is skipped with; false where it can run. */
export function postgresIsMissing(): string | false {
  if (postgresPrograms() !== null) return false;
  const what = "there is no PostgreSQL on this machine; Debian: apt-get install postgresql";
  if (process.env.CI) throw new Error(what);
  return what;
}

function bindir(): string | null {
  try {
    const found = execFileSync("pg_config", ["--bindir"], { stdio: ["ignore", "pipe", "ignore"] });
    return dirname(join(found.toString().trim(), "postgres"));
  } catch {
    return null;
  }
}
