import { LayerNorm, type NormConfig } from "./layer-norm.ts";
import { RmsNorm } from "./rms-norm.ts";

/** The normalisations by their name in the config. */
export type NormLayer = "LayerNorm" | "RmsNorm";

export type Norm = LayerNorm | RmsNorm;

export function norm(layer: NormLayer, config: NormConfig): Norm {
  switch (layer) {
    case "LayerNorm":
      return new LayerNorm(config);
    case "RmsNorm":
      return new RmsNorm(config);
    default:
      return layer satisfies never;
  }
}
