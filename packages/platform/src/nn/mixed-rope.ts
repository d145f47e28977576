import { type Generator, op, Tensor } from "@cell-observatory/engine";
import { Module } from "./module.ts";
import { buffer, parameter } from "./parameter.ts";
import { type RopeConfig, ropeAxes } from "./rope-axes.ts";
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
  readonly numPairs: number;

  constructor(config: RopeConfig, grid: TokenGrid, rng: Generator) {
    super();
    const { positions_AN, frequencies, numPairs } = ropeAxes(config, grid);
    const { A } = positions_AN.sizes("A N");
    const [J, L, H] = [frequencies.length, config.depth, config.num_heads];
    const axes_LHAA = config.rope_random_rotation_per_head
      ? op("aten::linalg_qr")(Tensor.randn([L, H, A, A], { generator: rng }))[0]
      : Tensor.eye(A).expand([L, H, A, A]);
    const waves_J = Tensor.from(Float32Array.from(frequencies), { shape: [J] });
    const freqs_LHAP = axes_LHAA
      .unsqueeze(-1)
      .mul(waves_J)
      .reshape([L, H, A, A * J]);
    const freqs_LAHP = freqs_LHAP.transpose(1, 2).contiguous();
    this.freqs = parameter(freqs_LAHP, { neverNarrows: true });
    this.positions_AN = buffer(positions_AN, { isSaved: false, neverNarrows: true });
    this.numPairs = numPairs;
  }

  rotations(places: Tensor | null = null): readonly Tensor[] {
    const { A, L, H, P } = this.freqs.sizes("L A H P");
    const [B, N] = places?.shape ?? [1, this.positions_AN.shape[1] ?? 0];
    const chosen =
      places === null ? this.positions_AN : this.positions_AN.indexSelect(1, places.flatten());
    const positions = chosen.reshape([A, 1, B ?? 1, 1, N ?? 0, 1]).unbind(0);
    const waves = this.freqs.reshape([L, A, 1, H, 1, P]).unbind(1);
    // Sums, not a matrix product: autocast would make that one bfloat16.
    const phases = waves
      .map((wave, a) => wave.mul(positions[a] ?? wave))
      .reduce((sum, phase) => sum.add(phase));
    const padded = op("aten::constant_pad_nd")(phases, [0, this.numPairs - P]);
    const { dtype, device } = padded;
    return op("aten::polar")(Tensor.ones(padded.shape, { dtype, device }), padded).unbind(0);
  }
}
