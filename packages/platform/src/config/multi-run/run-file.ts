import { dirname, join } from "node:path";
import type { MapNode } from "../node/node.ts";
import { printYaml } from "../yaml/print-yaml.ts";
import type { PlannedRun } from "./planned-run.ts";

/** The run as a config of its own, beside the runs' folders, where each value says where it is from. */
export function runFile(whole: MapNode, { name, outdir }: Pick<PlannedRun, "name" | "outdir">) {
  const folder = join(dirname(outdir), "run-configs");
  const text = `# @package _global_\n${printYaml(whole, { withSources: true })}`;
  return {
    args: [`--config-dir=${folder}`, `--config-name=${name}`],
    file: { path: join(folder, `${name}.yaml`), text },
  };
}
