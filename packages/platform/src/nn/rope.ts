import { cat, type Generator, op, type Tensor } from "@cell-observatory/engine";
import { AxialRope } from "./axial-rope.ts";
import { MixedRope } from "./mixed-rope.ts";
import type { RopeConfig } from "./rope-axes.ts";
import type { Rotation } from "./rotation.ts";
import type { TokenGrid } from "./token-grid.ts";

/**
 * Rotary positions: queries and keys are turned by angles that depend on where their tokens lie, so
 * that their product depends on the way from one to the other.
 *
 * `rotations(places)` gives the rotation of each layer. `places` are the grid's tokens that are
 * present, [B N]; null: all, in order.
 */
export type Rope = AxialRope | MixedRope;

export function rope(config: RopeConfig, grid: TokenGrid, rng: Generator): Rope {
  switch (config.rope_type) {
    case "axial":
      return new AxialRope(config, grid);
    case "mixed":
      return new MixedRope(config, grid, rng);
    default:
      return config.rope_type satisfies never;
  }
}

/** Turns x [B H N d], and rounds only the result to its dtype. */
export function rotate(x: Tensor, { cosine, sine }: Rotation): Tensor {
  const [numTurned, width] = [2 * (cosine.shape.at(-1) ?? 0), x.shape.at(-1) ?? 0];
  const turning = x.narrow(-1, 0, numTurned);
  const wide = x.dtype === "float64" ? turning : turning.to({ dtype: "float32" });
  const pairs = wide.reshape([...wide.shape.slice(0, -1), -1, 2]).viewAsComplex();
  const turned = pairs.mul(op("aten::complex")(cosine, sine)).viewAsReal().flatten(-2);
  return cat([turned.to({ dtype: x.dtype }), x.narrow(-1, numTurned, width - numTurned)], -1);
}
