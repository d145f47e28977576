import { op, Tensor } from "@cell-observatory/engine";
import { Module } from "./module.ts";
import { buffer } from "./parameter.ts";
import { type RopeConfig, ropeAxes } from "./rope-axes.ts";
import type { TokenGrid } from "./token-grid.ts";

/** Rotary positions with fixed frequencies, each of one axis; the same for all heads and layers. */
export class AxialRope extends Module {
  readonly rotation_NP: Tensor;
  readonly depth: number;

  constructor(config: RopeConfig, grid: TokenGrid) {
    super();
    this.depth = config.depth;
    const { positions_AN, frequencies, numPairs } = ropeAxes(config, grid);
    const { A, N } = positions_AN.sizes("A N");
    const waves_J = Tensor.from(Float32Array.from(frequencies), { shape: [frequencies.length] });
    const phases_ANJ = positions_AN.unsqueeze(-1).mul(waves_J);
    const turned = phases_ANJ.permute([1, 0, 2]).reshape([N, A * frequencies.length]);
    const phases_NP = op("aten::constant_pad_nd")(turned, [0, numPairs - A * frequencies.length]);
    const rotation_NP = op("aten::polar")(Tensor.ones(phases_NP.shape), phases_NP);
    this.rotation_NP = buffer(rotation_NP, { isSaved: false });
  }

  rotations(places: Tensor | null = null): readonly Tensor[] {
    const { P } = this.rotation_NP.sizes("N P");
    const chosen =
      places === null
        ? this.rotation_NP.reshape([1, 1, -1, P])
        : this.rotation_NP
            .indexSelect(0, places.flatten())
            .reshape([...places.shape, P])
            .unsqueeze(1);
    return Array.from({ length: this.depth }, () => chosen);
  }
}
