import { type Generator, mlpSwiglu, type Tensor } from "@cell-observatory/engine";
import { type ActivationLayer, activations } from "./activation.ts";
import { Dropout } from "./dropout.ts";
import { Linear } from "./linear.ts";
import type { MlpConfig } from "./mlp.ts";
import { Module } from "./module.ts";
import { namedParts } from "./named-parts.ts";

/**
 * A gated MLP: fc2(act(gate) * value), where one matrix, `fc1`, makes both, the gate first.
 *
 * With SiLU it is the SwiGLU of Shazeer 2020, "GLU Variants Improve Transformer", section 2; the
 * state dict is that of timm's `SwiGLUPacked`.
 */
export class SwiGlu extends Module {
  readonly fc1: Linear;
  readonly fc2: Linear;
  readonly dropout: Dropout;
  readonly act: ActivationLayer;

  constructor(config: MlpConfig, rng: Generator) {
    super();
    const { embed_dim, hidden, act_layer, proj_drop_rate = 0, ...init } = config;
    this.fc1 = new Linear({ ...init, inputs: embed_dim, outputs: 2 * hidden, packed: 2 }, rng);
    this.fc2 = new Linear({ ...init, inputs: hidden, outputs: embed_dim }, rng);
    this.dropout = new Dropout(proj_drop_rate, rng);
    this.act = act_layer;
  }

  forward(x: Tensor): Tensor {
    const { fc1, fc2, dropout } = this;
    if (this.act === "SiLU" && !dropout.isActive) {
      const [weight1, weight2] = [fc1.weight, fc2.weight];
      return mlpSwiglu(x, { weight1, bias1: fc1.bias, weight2, bias2: fc2.bias });
    }
    const { gate, value } = namedParts(fc1.forward(x).chunk(2, -1), "gate value");
    const hidden = activations[this.act](gate).mul(value);
    return dropout.forward(fc2.forward(dropout.forward(hidden)));
  }
}
