import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { compose } from "../../../packages/platform/src/config/compose.ts";
import { Faults } from "../../../packages/platform/src/config/faults/faults.ts";
import { expandSweepLines } from "../../../packages/platform/src/config/override/expand-sweeps.ts";
import { SearchPath } from "../../../packages/platform/src/config/search/search-path.ts";
import { parseConfigFile } from "../../../packages/platform/src/config/yaml/yaml-file.ts";
import { CellError } from "../../../packages/platform/src/errors/index.ts";

/** What is said of a refusal, or null. All other errors are thrown: they are faults. */
function refusalOf(act: () => unknown): string | null {
  try {
    act();
    return null;
  } catch (error) {
    if (error instanceof CellError && error.code.startsWith("CONFIG_")) return error.message;
    throw error;
  }
}

export const readFile = (text: string): string | null =>
  refusalOf(() => parseConfigFile(text, "x.yaml"));

export const expandLine = (line: string): string | null =>
  refusalOf(() => {
    const faults = new Faults();
    const options = { options: () => ["a", "b"], random: Math.random, faults };
    return faults.finish("config", () => expandSweepLines([line], options));
  });

export function composeText(
  files: Readonly<Record<string, string>>,
  overrides: readonly string[],
): string | null {
  const root = mkdtempSync(join(tmpdir(), "hostile-"));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    const searchPath = new SearchPath([root], root);
    const env = { HOME: "/home" };
    return refusalOf(() => compose({ searchPath, configName: "config", overrides, env }));
  } finally {
    rmSync(root, { recursive: true });
  }
}
