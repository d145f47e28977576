import type { Generator, Tensor } from "@cell-observatory/engine";

/** The ways to draw the weights of a linear map, by the name in the config. */
export type WeightInitType = keyof typeof weightInits;

/** How a model's weights begin; the YAML's keys. */
export interface InitConfig {
  readonly weight_init_type: WeightInitType;
  /** Standard deviation of token parameters, and of linear weights in `vjepa2`. */
  readonly init_std: number;
}

/**
 * Draws a weight [outputs inputs] in place. `packed` equal matrices that lie one under another, such
 * as those of queries, keys and values, are drawn as if each were alone.
 */
export type WeightInit = (
  weight: Tensor,
  rng: Generator,
  options: { readonly packed: number; readonly std: number },
) => void;

/**
 * - `mae`: uniform within sqrt(6 / (inputs + outputs)) (Glorot and Bengio 2010, as He et al. 2022).
 * - `vjepa2`: normal with deviation `init_std` (Assran et al. 2025); {@link Encoder} then shrinks the
 *   projections that feed the residual stream. Theirs is cut at 2, or 100 deviations: never.
 */
export const weightInits = {
  mae: xavierUniform,
  vjepa2: (weight, rng, { std }) => void weight.normal_(0, std, rng),
} as const satisfies Readonly<Record<string, WeightInit>>;

function xavierUniform(weight: Tensor, rng: Generator, { packed }: { packed: number }): void {
  const { outputs, inputs } = weight.sizes("outputs inputs");
  const bound = Math.sqrt(6 / Math.max(1, inputs + outputs / packed));
  weight.uniform_(-bound, bound, rng);
}
