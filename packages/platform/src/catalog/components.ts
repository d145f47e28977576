import type { Generator } from "@cell-observatory/engine";
import type { OptimizersConfig, RunConfig, SchedulersConfig } from "../config/index.ts";
import { buildMae, type MaskedAutoencoder } from "../models/index.ts";
import {
  AdamW,
  type Optimizer,
  type ParameterGroup,
  type RunLength,
  type Schedule,
  warmupCosine,
} from "../training/index.ts";

/**
 * The registry: each name that a config may say, and what it builds. A name that the schema allows
 * and no table has, or the other way round, is a type error.
 */
export const components = {
  models: {
    mae: (config: RunConfig, rng: Generator): MaskedAutoencoder =>
      buildMae(config.models.meta_arch.mae, rng),
  },
  optimizers: {
    adamw: (groups: readonly ParameterGroup[], config: OptimizersConfig): Optimizer =>
      new AdamW(groups, config),
  },
  schedulers: {
    cosine: (lr: number, config: SchedulersConfig, length: RunLength): Schedule =>
      warmupCosine(lr, config, length),
  },
} satisfies {
  readonly models: Readonly<Record<keyof RunConfig["models"]["meta_arch"], unknown>>;
  readonly optimizers: Readonly<Record<OptimizersConfig["name"], unknown>>;
  readonly schedulers: Readonly<Record<SchedulersConfig["name"], unknown>>;
};
