import { cpSync, globSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../../command.ts";
import type { GeneratedCase } from "./generate-tree.ts";

/** Every experiment of configs/, composed from a copy, so that both read the same. */
export function experimentCases(
  folder: string,
): readonly (GeneratedCase & { readonly folder: string })[] {
  cpSync(join(repository, "configs"), folder, { recursive: true });
  const env = { DATA_DIR: "/data", RUNS_DIR: "/runs" };
  return globSync("experiments/**/*.yaml", { cwd: folder })
    .sort()
    .map((file) => {
      const name = file.replace(/\.yaml$/, "");
      return { title: `configs/${name}`, kind: "compose", folder, name, overrides: [], env };
    });
}
