import type { Generator, Tensor } from "@cell-observatory/engine";
import {
  buffer,
  Encoder,
  type EncoderConfig,
  Module,
  PatchEmbed,
  type PatchEmbedConfig,
  type PositionConfig,
  positions,
} from "../../nn/index.ts";

export type MaskedEncoderConfig = EncoderConfig & PatchEmbedConfig & PositionConfig;

/**
 * Encodes the kept tokens of an input as if the others were not there: [B ...axes C] to [B K D].
 *
 *     video -> patch_embed -> tokens_BND (+ positions) -> keep -> transformer -> latent_BKD
 */
export class MaskedEncoder extends Module {
  readonly patchEmbed: PatchEmbed;
  readonly positions: Tensor | null;
  readonly transformer: Encoder;

  constructor(config: MaskedEncoderConfig, rng: Generator) {
    super();
    this.patchEmbed = new PatchEmbed(config, rng);
    const { table, rope } = positions(config, this.patchEmbed.grid, rng);
    this.positions = table && buffer(table, { isSaved: false });
    this.transformer = new Encoder(config, rng, rope);
  }

  forward(video: Tensor, keep_BK: Tensor): Tensor {
    const tokens_BND = this.patchEmbed.forward(video);
    const placed_BND = this.positions === null ? tokens_BND : tokens_BND.add(this.positions);
    return this.transformer.forward(placed_BND.takeTokens(keep_BK), keep_BK);
  }
}
