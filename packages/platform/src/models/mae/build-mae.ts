import type { Generator } from "@cell-observatory/engine";
import type { MaeConfig } from "../../config/index.ts";
import { MaskedEncoder } from "../backbones/masked-encoder.ts";
import { MaskedPredictor } from "../backbones/masked-predictor.ts";
import { MaskedAutoencoder } from "./model.ts";

/**
 * Builds the masked autoencoder of a config; its weights are drawn from `rng`, and so is, later,
 * what drop path and dropout leave out.
 *
 * The predictor has the encoder's settings but for its three sizes, and no drop path: it is shallow,
 * and not kept.
 */
export function buildMae(config: MaeConfig, rng: Generator): MaskedAutoencoder {
  const encoder = new MaskedEncoder(config, rng);
  const { grid } = encoder.patchEmbed;
  const predictor = new MaskedPredictor(
    {
      ...config,
      embed_dim: config.decoder_embed_dim,
      depth: config.decoder_depth,
      num_heads: config.decoder_num_heads,
      drop_path_rate: 0,
      grid,
      inputs: config.embed_dim,
      outputs: grid.patchVoxels,
    },
    rng,
  );
  return new MaskedAutoencoder({ encoder, predictor, hasNormalizedTargets: config.norm_targets });
}
