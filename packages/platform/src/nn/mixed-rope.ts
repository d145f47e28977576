import { type Generator, op, scope, Tensor } from "@cell-observatory/engine";
import { Module } from "./module.ts";
import { buffer, parameter } from "./parameter.ts";
import { type RopeConfig, ropeAxes } from "./rope-axes.ts";
import { type Rotation, rotationBy } from "./rotation.ts";
import type { TokenGrid } from "./token-grid.ts";

/**
 * Rotary positions with learnt frequencies, every wave over all axes: [L A H P].
 *
 * L layers, A axes (X, Y, Z, T), H heads, P pairs of channels. They begin as the axial ones, if asked
 * for with the axes turned at random, for each head of each layer.
 *
 * Source: Heo et al. 2024, "Rotary Position Embedding for Vision Transformer", section 3.2, from 2 to
 * A axes: the random axes are the Q of a Gaussian matrix's QR. (A mirrored axis only changes the
 * sense of a rotation, so that Q need not be a rotation itself.)
 */
export class MixedRope extends Module {
  readonly freqs: Tensor;
  readonly positions_AN: Tensor;

  constructor(config: RopeConfig, grid: TokenGrid, rng: Generator) {
    super();
    const { positions_AN, frequencies } = ropeAxes(config, grid);
    const freqs_LAHP = scope(() => {
      const { A } = positions_AN.sizes("A N");
      const [J, L, H] = [frequencies.length, config.depth, config.num_heads];
      const axes_LHAA = config.rope_random_rotation_per_head
        ? op("aten::linalg_qr")(Tensor.randn([L, H, A, A], { generator: rng }))[0]
        : Tensor.eye(A).expand([L, H, A, A]);
      const waves_J = Tensor.from(Float32Array.from(frequencies), { shape: [J] });
      const freqs_LHAAJ = axes_LHAA.unsqueeze(-1).mul(waves_J);
      return freqs_LHAAJ
        .reshape([L, H, A, A * J])
        .transpose(1, 2)
        .contiguous();
    });
    this.freqs = parameter(freqs_LAHP, { neverNarrows: true });
    this.positions_AN = buffer(positions_AN, { isSaved: false, neverNarrows: true });
  }

  rotations(places_BN: Tensor | null = null): readonly Rotation[] {
    const { A, L, H, P } = this.freqs.sizes("L A H P");
    const chosen =
      places_BN === null
        ? this.positions_AN
        : this.positions_AN.indexSelect(1, places_BN.flatten()).reshape([A, ...places_BN.shape]);
    const positions = chosen.reshape([A, 1, places_BN?.shape[0] ?? 1, 1, -1, 1]).unbind(0);
    const waves = this.freqs.reshape([L, A, 1, H, 1, P]).unbind(1);
    // Sums, not a matrix product: autocast would make that one bfloat16.
    const angles_LBHNP = waves
      .map((wave, a) => wave.mul(positions[a] ?? wave))
      .reduce((sum, angle) => sum.add(angle));
    const { cosine, sine } = rotationBy(angles_LBHNP);
    const sines = sine.unbind(0);
    return cosine.unbind(0).map((each, layer) => ({ cosine: each, sine: sines[layer] ?? each }));
  }
}
