import type { Generator, Tensor } from "@cell-observatory/engine";
import { AxialRope } from "./axial-rope.ts";
import { MixedRope } from "./mixed-rope.ts";
import type { RopeConfig } from "./rope-axes.ts";
import type { TokenGrid } from "./token-grid.ts";

/**
 * Rotary positions: queries and keys are turned by angles that depend on where their tokens lie, so
 * that their product depends on the way from one to the other.
 *
 * `rotations(places)` gives for each layer the factors, of modulus 1, of every pair of channels:
 * complex64 [B|1 H|1 N pairs]. `places` are the grid's tokens that are present, [B N]; null: all.
 *
 * Angles and factors are at least float32 whatever the dtype of the model (fault 61 of the reference
 * platform: in bfloat16 its factors lost their imaginary part, and scaled instead of turned).
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

/** Turns the channel pairs (2j, 2j + 1) of x [B H N d] by factors as those of {@link Rope}. */
export function rotate(x: Tensor, rotation: Tensor): Tensor {
  const wide = x.dtype === "float64" ? x : x.to({ dtype: "float32" });
  const pairs = wide.reshape([...x.shape.slice(0, -1), -1, 2]).viewAsComplex();
  return pairs.mul(rotation).viewAsReal().flatten(-2).to({ dtype: x.dtype });
}
