import { op, type Tensor } from "@cell-observatory/engine";
import { Module, patchify, type TokenGrid, unpatchify } from "../../nn/index.ts";
import type { MaskedEncoder } from "../backbones/masked-encoder.ts";
import type { MaskedPredictor } from "../backbones/masked-predictor.ts";
import type { MaskedBatch, ModelOutput, TrainableModel } from "../contract.ts";
import { normalizedPatches } from "./normalized-patches.ts";

/** What a masked autoencoder is made of. */
export interface MaeParts {
  readonly encoder: MaskedEncoder;
  readonly predictor: MaskedPredictor;
  /** True: the targets are patches of mean 0 and variance 1. */
  readonly hasNormalizedTargets: boolean;
}

/**
 * Masked autoencoder: hide most tokens, encode the rest, predict the voxels of the hidden ones.
 *
 *     video -> encoder(keep) -> latent_BKD -> predictor(restore, hidden) -> voxels_BMP
 *
 * B batch, N tokens, K kept and M hidden ones, D width, P voxels in a patch.
 * Source: He et al. 2022, "Masked Autoencoders Are Scalable Vision Learners", section 3.
 */
export class MaskedAutoencoder extends Module implements TrainableModel<MaskedBatch> {
  readonly encoder: MaskedEncoder;
  readonly predictor: MaskedPredictor;
  readonly hasNormalizedTargets: boolean;

  constructor({ encoder, predictor, hasNormalizedTargets }: MaeParts) {
    super();
    this.encoder = encoder;
    this.predictor = predictor;
    this.hasNormalizedTargets = hasNormalizedTargets;
  }

  get grid(): TokenGrid {
    return this.encoder.patchEmbed.grid;
  }

  /** The mean squared error over hidden voxels that count; `predictions` are the hidden patches, [B M P]. */
  forward({ video, keep_BK, hidden_BM, restore_BN, valid }: MaskedBatch): ModelOutput {
    const latent_BKD = this.encoder.forward(video, keep_BK);
    const voxels_BMP = this.predictor.forward(latent_BKD, restore_BN, hidden_BM);
    const patches_BMP = patchify(video, this.grid).takeTokens(hidden_BM);
    const targets_BMP = this.hasNormalizedTargets ? normalizedPatches(patches_BMP) : patches_BMP;
    const loss = valid
      ? weighedError(
          voxels_BMP,
          targets_BMP,
          patchify(valid, this.grid).takeTokens(hidden_BM).to({ dtype: "float32" }),
        )
      : op("aten::mse_loss")(voxels_BMP, targets_BMP);
    return { loss, parts: { reconstruction: loss }, predictions: voxels_BMP };
  }

  /**
   * Rebuilds the whole input from its kept tokens, [B ...axes C]: every patch is predicted, the kept
   * ones too. With normalised targets, the patches come out normalised.
   */
  predict({ video, keep_BK, restore_BN }: Omit<MaskedBatch, "hidden_BM">): Tensor {
    const latent_BKD = this.encoder.forward(video, keep_BK);
    return unpatchify(this.predictor.forward(latent_BKD, restore_BN), this.grid);
  }
}

/** The mean squared error over voxels of weight 1; 0 where there are none. */
function weighedError(voxels: Tensor, targets: Tensor, weights: Tensor): Tensor {
  const squares = voxels.to({ dtype: "float32" }).sub(targets).square();
  return squares.mul(weights).sum().div(weights.sum().clamp(1));
}
