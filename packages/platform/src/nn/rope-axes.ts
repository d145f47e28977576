import { Tensor } from "@cell-observatory/engine";
import { RopeHeadError } from "./rope-head-error.ts";
import type { TokenGrid } from "./token-grid.ts";

/** The YAML's keys that rotary positions depend on. */
export interface RopeConfig {
  readonly rope_type: "axial" | "mixed";
  /** Base of the frequencies: the slowest wave is about this many times the fastest. */
  readonly rope_theta: number;
  /** `mixed`: each head of each layer starts from axes of its own, turned at random. */
  readonly rope_random_rotation_per_head: boolean;
  readonly embed_dim: number;
  readonly num_heads: number;
  readonly depth: number;
}

/** What both kinds of rotary positions are made from. A axes, N tokens, J waves per axis. */
export interface RopeAxes {
  /** Where each token lies, in patches, [A N] float32; axes in the order X, Y, Z, T. */
  readonly positions_AN: Tensor;
  /** The waves that each axis gets: theta^(-2Aj / head), j = 0 ... J-1, in radians per patch. */
  readonly frequencies: readonly number[];
}

/** @throws {@link RopeHeadError} when a head has too few channels, or an odd number. */
export function ropeAxes(config: RopeConfig, grid: TokenGrid): RopeAxes {
  const head = config.embed_dim / config.num_heads;
  const order = ["X", "Y", "Z", "T"].filter((name) => grid.axes.includes(name));
  const perAxis = Math.floor(head / (2 * order.length));
  if (head % 2 !== 0 || perAxis === 0) throw new RopeHeadError(config, order.length);
  const rows = order.flatMap((name) => coordinate(grid, grid.axes.indexOf(name)));
  return {
    positions_AN: Tensor.from(Float32Array.from(rows), { shape: [order.length, grid.numTokens] }),
    frequencies: Array.from(
      { length: perAxis },
      (_, j) => config.rope_theta ** ((-2 * order.length * j) / head),
    ),
  };
}

/** The place of every token along one axis, tokens in row-major order. */
function coordinate({ counts, numTokens }: TokenGrid, axis: number): number[] {
  const stride = counts.slice(axis + 1).reduce((a, b) => a * b, 1);
  const count = counts[axis] ?? 1;
  return Array.from({ length: numTokens }, (_, n) => Math.floor(n / stride) % count);
}
