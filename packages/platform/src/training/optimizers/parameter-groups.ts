import type { Tensor } from "@cell-observatory/engine";

export type NamedParameters = ReadonlyMap<string, Tensor>;

/** Parameters that share a weight decay. */
export interface ParameterGroup {
  readonly parameters: NamedParameters;
  readonly wd: number;
}

const neverDecayed = /bias|pos_embedding|cls_token|mask_token|token_param|level_embed|rope\.freqs/;

/**
 * Weight decay for matrices only: vectors (norms, biases), learnt tokens and the frequencies of
 * rotary positions have none.
 *
 * Source: the reference platform's parameter groups (1-D, or one of five names), and that of Heo et
 * al. 2024 (frequencies; to shrink them would be to blur where tokens are).
 */
export function parameterGroups(
  parameters: NamedParameters,
  { wd }: { readonly wd: number },
): readonly ParameterGroup[] {
  const decays = ([name, parameter]: [string, Tensor]) =>
    parameter.ndim > 1 && !neverDecayed.test(name);
  const entries = [...parameters];
  const groups = [
    { parameters: new Map(entries.filter(decays)), wd },
    { parameters: new Map(entries.filter((entry) => !decays(entry))), wd: 0 },
  ];
  return groups.filter((group) => group.parameters.size > 0);
}
