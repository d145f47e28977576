import { scope, Tensor } from "@cell-observatory/engine";
import { Module } from "./module.ts";
import { buffer } from "./parameter.ts";
import { type RopeConfig, ropeAxes } from "./rope-axes.ts";
import { type Rotation, rotationBy } from "./rotation.ts";
import type { TokenGrid } from "./token-grid.ts";

/** Rotary positions with fixed frequencies, each of one axis; the same for all heads and layers. */
export class AxialRope extends Module {
  readonly cosine_NP: Tensor;
  readonly sine_NP: Tensor;
  readonly depth: number;

  constructor(config: RopeConfig, grid: TokenGrid) {
    super();
    this.depth = config.depth;
    const { cosine, sine } = scope(() => {
      const { positions_AN, frequencies } = ropeAxes(config, grid);
      const { A, N } = positions_AN.sizes("A N");
      const J = frequencies.length;
      const waves_J = Tensor.from(Float32Array.from(frequencies), { shape: [J] });
      const angles_ANJ = positions_AN.unsqueeze(-1).mul(waves_J);
      return rotationBy(angles_ANJ.permute([1, 0, 2]).reshape([N, A * J]));
    });
    this.cosine_NP = buffer(cosine, { isSaved: false, neverNarrows: true });
    this.sine_NP = buffer(sine, { isSaved: false, neverNarrows: true });
  }

  rotations(places_BN: Tensor | null = null): readonly Rotation[] {
    const chosen = (table_NP: Tensor) => {
      if (places_BN === null) return table_NP.reshape([1, 1, ...table_NP.shape]);
      const { B, N } = places_BN.sizes("B N");
      return table_NP.indexSelect(0, places_BN.flatten()).reshape([B, 1, N, -1]);
    };
    const rotation = { cosine: chosen(this.cosine_NP), sine: chosen(this.sine_NP) };
    return Array.from({ length: this.depth }, () => rotation);
  }
}
