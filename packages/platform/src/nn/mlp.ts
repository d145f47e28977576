import { type Generator, mlpGelu, type Tensor } from "@cell-observatory/engine";
import { type ActivationLayer, activations } from "./activation.ts";
import { Dropout } from "./dropout.ts";
import type { InitConfig } from "./init.ts";
import { Linear } from "./linear.ts";
import { Module } from "./module.ts";

export interface MlpConfig extends Partial<InitConfig> {
  readonly embed_dim: number;
  /** Channels between the two linear maps. */
  readonly hidden: number;
  readonly act_layer: ActivationLayer;
  readonly proj_drop_rate?: number;
}

/** Two linear maps with an activation between them, for each token alone. */
export class Mlp extends Module {
  readonly fc1: Linear;
  readonly fc2: Linear;
  readonly dropout: Dropout;
  readonly act: ActivationLayer;

  constructor(config: MlpConfig, rng: Generator) {
    super();
    const { embed_dim, hidden, act_layer, proj_drop_rate = 0, ...init } = config;
    this.fc1 = new Linear({ ...init, inputs: embed_dim, outputs: hidden }, rng);
    this.fc2 = new Linear({ ...init, inputs: hidden, outputs: embed_dim }, rng);
    this.dropout = new Dropout(proj_drop_rate, rng);
    this.act = act_layer;
  }

  forward(x: Tensor): Tensor {
    const { fc1, fc2, dropout } = this;
    if (this.act === "GELU" && !dropout.isActive) {
      const [weight1, weight2] = [fc1.weight, fc2.weight];
      return mlpGelu(x, { weight1, bias1: fc1.bias, weight2, bias2: fc2.bias });
    }
    const hidden = activations[this.act](fc1.forward(x));
    return dropout.forward(fc2.forward(dropout.forward(hidden)));
  }
}
