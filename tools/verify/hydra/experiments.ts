import { globSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../../command.ts";
import type { GeneratedCase } from "./generate-tree.ts";

/** Every experiment of configs/, composed from the folder as it is. */
export function experimentCases(): readonly (GeneratedCase & { readonly folder: string })[] {
  const folder = join(repository, "configs");
  const env = { DATA_DIR: "/data", RUNS_DIR: "/runs" };
  return globSync("experiments/**/*.yaml", { cwd: folder })
    .sort()
    .map((file) => {
      const name = file.replace(/\.yaml$/, "");
      return { title: `configs/${name}`, kind: "compose", folder, name, overrides: [], env };
    });
}
