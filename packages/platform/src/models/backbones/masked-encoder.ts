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
 *     video -> patch_embed of the kept patches (+ positions) -> transformer -> latent_BKD
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
    const { B } = keep_BK.sizes("B K");
    const tokens_BKD = this.patchEmbed.forward(video, keep_BK);
    const places_BKD = this.positions?.expand([B, -1, -1]).takeTokens(keep_BK);
    const placed_BKD = places_BKD === undefined ? tokens_BKD : tokens_BKD.add(places_BKD);
    return this.transformer.forward(placed_BKD, keep_BK);
  }
}
