import type { Generator, Tensor } from "@cell-observatory/engine";
import { type Rope, rope } from "./rope.ts";
import type { RopeConfig } from "./rope-axes.ts";
import { sincosTable } from "./sincos-table.ts";
import type { TokenGrid } from "./token-grid.ts";

/** Which positions a transformer is told, of two kinds that may be had together; the YAML's keys. */
export interface PositionConfig extends RopeConfig {
  /** Adds a frozen table of sines and cosines to the tokens. */
  readonly abs_sincos_enc: boolean;
  /** Turns queries and keys, in every block. */
  readonly rope_pos_enc: boolean;
}

export interface Positions {
  /** To be added to the tokens, [1 N D]. */
  readonly table: Tensor | null;
  readonly rope: Rope | null;
}

export function positions(config: PositionConfig, grid: TokenGrid, rng: Generator): Positions {
  return {
    table: config.abs_sincos_enc ? sincosTable(grid, config.embed_dim) : null,
    rope: config.rope_pos_enc ? rope(config, grid, rng) : null,
  };
}
