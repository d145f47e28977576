import { CellError } from "../errors/index.ts";

/** A head has not the channels that rotary positions need. */
export class RopeHeadError extends CellError {
  readonly code = "ROPE_HEAD";
  readonly hint = "Choose fewer heads or a larger embed_dim, or set rope_pos_enc to false.";

  constructor(config: { readonly embed_dim: number; readonly num_heads: number }, numAxes: number) {
    const head = config.embed_dim / config.num_heads;
    super(
      `rotary positions over ${numAxes} axes need heads of an even number of channels, ` +
        `at least ${2 * numAxes}; got ${head} (embed_dim ${config.embed_dim} / ` +
        `num_heads ${config.num_heads})`,
    );
  }
}
