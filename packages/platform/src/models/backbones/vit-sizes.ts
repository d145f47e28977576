/** Sizes of a vision transformer and of the predictors that belong to it; the YAML's keys. */
export interface VitSize {
  readonly embed_dim: number;
  readonly depth: number;
  readonly num_heads: number;
  readonly mlp_ratio: number;
  /** Width, blocks and heads of the predictor in a masked autoencoder. */
  readonly mae: PredictorSize;
  /** The same in a joint-embedding model. */
  readonly jepa: PredictorSize;
}

export type PredictorSize = Readonly<
  Record<"decoder_embed_dim" | "decoder_depth" | "decoder_num_heads", number>
>;

export type VitSizeName = keyof typeof vitSizes;

/**
 * The sizes by name: those of the reference platform, so that its checkpoints fit. One differs: its
 * JEPA predictor of `giant` has 12 heads, which do not divide its width of 512; ours has 16.
 */
export const vitSizes = {
  tiny: vit(192, 12, 3, 4, [96, 3, 3], [96, 3, 3]),
  small: vit(384, 12, 6, 4, [192, 6, 6], [192, 6, 6]),
  base: vit(768, 12, 12, 4, [256, 8, 8], [384, 12, 12]),
  large: vit(1024, 24, 16, 4, [512, 8, 8], [384, 12, 12]),
  huge: vit(1280, 32, 16, 4, [512, 8, 8], [384, 12, 12]),
  "2billion": vit(2560, 24, 32, 4, [512, 8, 8], [512, 8, 8]),
  "6billion": vit(4096, 32, 32, 4, [512, 8, 8], [512, 8, 8]),
  giant: vit(1408, 40, 16, 48 / 11, [512, 8, 8], [512, 12, 16]),
  gigantic: vit(1664, 48, 16, 64 / 13, [1024, 16, 16], [1024, 16, 16]),
  enormous: vit(1792, 56, 16, 60 / 7, [1024, 16, 16], [1024, 16, 16]),
} as const satisfies Readonly<Record<string, VitSize>>;

function vit(
  embed_dim: number,
  depth: number,
  num_heads: number,
  mlp_ratio: number,
  mae: readonly [width: number, depth: number, heads: number],
  jepa: readonly [width: number, depth: number, heads: number],
): VitSize {
  return { embed_dim, depth, num_heads, mlp_ratio, mae: predictor(mae), jepa: predictor(jepa) };
}

function predictor([decoder_embed_dim, decoder_depth, decoder_num_heads]: readonly [
  width: number,
  depth: number,
  heads: number,
]): PredictorSize {
  return { decoder_embed_dim, decoder_depth, decoder_num_heads };
}
