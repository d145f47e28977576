import { globSync } from "node:fs";
import { dirname, join } from "node:path";
import { MultiRunConfig } from "../../packages/platform/src/config/schema/multi-run.ts";
import { RunKeys } from "../../packages/platform/src/config/schema/run-keys.ts";
import {
  type AnySchema,
  bare,
  schemaAt,
} from "../../packages/platform/src/config/schema/schema-tree.ts";
import { repository } from "../command.ts";

/** Every key of a config, of one run or of several: what an experiment's file may hold. */
export const rootSchema: AnySchema = RunKeys;
export const severalRuns: AnySchema = MultiRunConfig;

/** The groups of configs/, as dotted keys, that hold keys of their own; outer ones first. */
export function groupPaths(): readonly string[] {
  const folders = globSync("**/*.yaml", { cwd: join(repository, "configs") }).map(dirname);
  const paths = [...new Set(folders.flatMap(withParents))].map((folder) =>
    folder.replaceAll("/", "."),
  );
  return paths.filter((path) => groupSchema(path) !== undefined).sort();
}

const withParents = (folder: string): readonly string[] =>
  folder === "." ? [] : [folder, ...withParents(dirname(folder))];

/** The schema of a group that is a mapping with known keys; undefined for any other path. */
export function groupSchema(path: string): AnySchema | undefined {
  const schema = schemaAt(rootSchema, path.split("."));
  return schema !== undefined && bare(schema).schema._zod.def.type === "object"
    ? schema
    : undefined;
}
