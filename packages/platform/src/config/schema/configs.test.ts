import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import type { z } from "zod";
import { composeRun } from "../compose-run.ts";
import { keyText, type Node, toPlain } from "../node/node.ts";
import { showSource } from "../node/source.ts";
import { parseConfigFile } from "../yaml/yaml-file.ts";
import { MultiRunConfig } from "./multi-run.ts";
import { readTargets } from "./read-targets.ts";
import { RunConfig } from "./run.ts";
import { type AnySchema, bare, schemaAt } from "./schema-tree.ts";

const configs = join(import.meta.dirname, "../../../../../configs");

/** What a file of configs/ says that the schemas do not know; a `${...}` may stand for anything. */
function* unknownIn(node: Node, schema: AnySchema): Generator<string> {
  const { def } = bare(schema).schema._zod;
  if (def.type === "unknown") return;
  if (node.kind === "map" && def.type === "object") {
    for (const [key, entry] of node.entries) {
      const child = schemaAt(schema, [keyText(key)]);
      if (child === undefined) yield `${showSource(entry.keySource)}: ${keyText(key)}`;
      else yield* unknownIn(entry.node, child);
    }
    return;
  }
  const plain = toPlain(node);
  if (JSON.stringify(plain).includes("${")) return;
  const result = (schema as z.ZodType).safeParse(plain);
  for (const issue of result.error?.issues ?? []) {
    yield `${showSource(node.source)}: ${JSON.stringify(plain)}: ${issue.code}`;
  }
}

/** `hydra/` is Hydra's own group: what it holds is no part of a run. */
const isOfRun = (file: string) => !file.startsWith("hydra/");

for (const file of globSync("**/*.yaml", { cwd: configs }).filter(isOfRun).sort()) {
  test(`configs/${file} says only what the schemas know`, () => {
    const text = readFileSync(join(configs, file), "utf8");
    const { node, packageHeader } = parseConfigFile(text, file);
    if (node === null) return;
    assert.ok(node.kind === "map");
    const folder = dirname(file) === "." ? "_global_" : dirname(file).replaceAll("/", ".");
    const at = packageHeader ?? folder;
    const entries = new Map(node.entries);
    entries.delete("defaults");
    const isSeveral = entries.has("runs");
    const root = isSeveral ? MultiRunConfig : RunConfig;
    const schema = schemaAt(root, at === "_global_" ? [] : at.split("."));
    assert.ok(schema, `no key ${at}`);
    const { config, problems } = readTargets({ ...node, entries });
    assert.deepEqual(problems, []);
    assert.deepEqual([...unknownIn(config, schema)], []);
  });
}

for (const file of globSync(["experiments/*.yaml", "*.yaml"], { cwd: configs }).sort()) {
  test(`configs/${file}, saved as JSON, is read again as it was`, () => {
    const configName = file.replace(/\.yaml$/, "");
    const { config } = composeRun({ configName, overrides: [], configDirs: [], env: {} });
    assert.deepEqual(RunConfig.parse(JSON.parse(JSON.stringify(config))), config);
  });
}
