import { cat, type Generator, Tensor } from "@cell-observatory/engine";
import {
  buffer,
  Encoder,
  type EncoderConfig,
  Linear,
  Module,
  type PositionConfig,
  parameter,
  positions,
  type TokenGrid,
} from "../../nn/index.ts";

export type MaskedPredictorConfig = EncoderConfig &
  PositionConfig & {
    readonly grid: TokenGrid;
    /** Channels of the latent tokens. */
    readonly inputs: number;
    /** Channels to predict for each token. */
    readonly outputs: number;
    readonly init_std: number;
  };

/**
 * Predicts all tokens from the kept ones: [B K D] to [B N outputs].
 *
 *     latent_BKD -> embed -> mask_token at hidden places -> restore (+ positions) -> transformer -> head
 */
export class MaskedPredictor extends Module {
  readonly embed: Linear;
  readonly maskToken: Tensor;
  readonly positions: Tensor | null;
  readonly transformer: Encoder;
  readonly head: Linear;

  constructor(config: MaskedPredictorConfig, rng: Generator) {
    super();
    const { inputs, outputs, embed_dim, init_std, weight_init_type = "mae" } = config;
    const init = { init_std, weight_init_type };
    this.embed = new Linear({ inputs, outputs: embed_dim, ...init }, rng);
    this.maskToken = parameter(Tensor.empty([1, 1, embed_dim]).normal_(0, init_std, rng));
    const { table, rope } = positions(config, config.grid, rng);
    this.positions = table && buffer(table, { isSaved: false });
    this.transformer = new Encoder(config, rng, rope);
    this.head = new Linear({ inputs: embed_dim, outputs, ...init }, rng);
  }

  /** @param wanted_BM - the tokens to predict, [B M outputs]; null: all of them. */
  forward(latent_BKD: Tensor, restore_BN: Tensor, wanted_BM: Tensor | null = null): Tensor {
    const { B, N } = restore_BN.sizes("B N");
    const seen_BKE = this.embed.forward(latent_BKD);
    const { K, E } = seen_BKE.sizes("B K E", { B });
    const blank = this.maskToken.to({ dtype: seen_BKE.dtype }).expand([B, N - K, E]);
    const tokens_BNE = cat([seen_BKE, blank], 1).takeTokens(restore_BN);
    const placed_BNE = this.positions === null ? tokens_BNE : tokens_BNE.add(this.positions);
    const filled_BNE = this.transformer.forward(placed_BNE);
    return this.head.forward(wanted_BM === null ? filled_BNE : filled_BNE.takeTokens(wanted_BM));
  }
}
