import type { RunConfig } from "../config/index.ts";

const needLabels: readonly string[] = [
  "instance_segmentation",
  "object_detection",
  "semantic_segmentation",
];

/** Whether batches come with labels: the config asks for them, or its task cannot do without. */
export function readsLabels({ datasets }: Pick<RunConfig, "datasets">): boolean {
  const { collate_fn, preprocessor } = datasets;
  return collate_fn?.kind === "finetune_collator" || needLabels.includes(preprocessor.kind);
}
