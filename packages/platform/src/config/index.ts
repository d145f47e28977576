export type { Composition } from "./compose.ts";
export { type Job, type JobRequest, planJob } from "./compose-job.ts";
export {
  completeRunOverride,
  composeAny,
  composeDefaultsTree,
  composeRun,
  overruledIn,
  searchPathOf,
} from "./compose-run.ts";
export { defaultsTreeText } from "./defaults/defaults-tree-text.ts";
export { didYouMean } from "./faults/nearest.ts";
export type { PlannedRun } from "./multi-run/planned-run.ts";
export { toPlain } from "./node/node.ts";
export { provenanceOf } from "./node/provenance.ts";
export { selectPackage } from "./node/select-package.ts";
export type { DatabasesConfig } from "./schema/databases.ts";
export type { HookConfig } from "./schema/hooks.ts";
export type { InferenceConfig } from "./schema/inference.ts";
export type { Layout } from "./schema/layout.ts";
export type { LoggersConfig } from "./schema/loggers.ts";
export type { MaskingConfig } from "./schema/masking.ts";
export type { MaeConfig } from "./schema/models/mae.ts";
export type { OptimizersConfig } from "./schema/optimizers.ts";
export type { PreprocessorConfig } from "./schema/preprocessor.ts";
export { RunConfig } from "./schema/run.ts";
export type { SchedulersConfig } from "./schema/schedulers.ts";
export type { TrainerConfig } from "./schema/trainer.ts";
export type { TransformConfig } from "./schema/transforms.ts";
export { printData, printYaml } from "./yaml/print-yaml.ts";
