import { cpSync, globSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../../command.ts";
import type { GeneratedCase } from "./generate-tree.ts";

/** Every experiment of configs/ and its tree, from a copy, so that both read the same. */
export function experimentCases(
  folder: string,
): readonly (GeneratedCase & { readonly folder: string })[] {
  cpSync(join(repository, "configs"), folder, { recursive: true });
  const env = { DATA_DIR: "/data", RUNS_DIR: "/runs" };
  return globSync("experiments/**/*.yaml", { cwd: folder })
    .sort()
    .flatMap((file) => {
      const name = file.replace(/\.yaml$/, "");
      return (["compose", "tree"] as const).map((kind) => ({
        title: `${kind} configs/${name}`,
        ...{ kind, folder, name, overrides: [], env },
      }));
    });
}
