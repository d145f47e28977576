import { type Dtype, dtypeCode } from "./dtype.ts";
import { ShapeError } from "./errors.ts";
import { operators } from "./native-operator.ts";
import type { Tensor } from "./tensor.ts";
import { TensorShape } from "./tensor-shape.ts";

/** How `interpolate` fills in: by the number of space axes, linear is bi- or trilinear. */
export type InterpolateMode = "nearest" | "linear" | "bilinear" | "trilinear" | "bicubic" | "area";

export interface AttentionOptions {
  /** Added to the scores when it is float; where it is bool, true lets a key take part. */
  readonly mask?: Tensor | undefined;
  readonly dropout?: number | undefined;
  readonly isCausal?: boolean | undefined;
  /** Of the scores; 1 / sqrt(D) by default. */
  readonly scale?: number | undefined;
}

export interface ConvOptions {
  readonly bias?: Tensor | undefined;
  readonly stride?: number | readonly number[] | undefined;
  readonly padding?: number | readonly number[] | undefined;
  readonly dilation?: number | readonly number[] | undefined;
  readonly groups?: number | undefined;
}

const aten = operators({
  area3d: "aten::adaptive_avg_pool3d",
  bicubic2d: "aten::upsample_bicubic2d.vec",
  bilinear2d: "aten::upsample_bilinear2d.vec",
  bmm: "aten::bmm",
  conv3d: "aten::conv3d",
  dropout: "aten::dropout",
  gelu: "aten::gelu",
  layerNorm: "aten::layer_norm",
  linear: "aten::linear",
  linear1d: "aten::upsample_linear1d.vec",
  logSoftmax: "aten::log_softmax.int",
  matmul: "aten::matmul",
  mm: "aten::mm",
  nearest1d: "aten::upsample_nearest1d.vec",
  nearest2d: "aten::upsample_nearest2d.vec",
  nearest3d: "aten::upsample_nearest3d.vec",
  relu: "aten::relu",
  scaledDotProductAttention: "aten::scaled_dot_product_attention",
  sigmoid: "aten::sigmoid",
  silu: "aten::silu",
  softmax: "aten::softmax.int",
  tanh: "aten::tanh",
  trilinear3d: "aten::upsample_trilinear3d.vec",
});

/** Products of matrices, and the functions that networks are made of. */
export abstract class TensorNn extends TensorShape {
  matmul(other: Tensor): Tensor {
    return this.wrap(aten.matmul(this.slot, other.slot));
  }

  mm(other: Tensor): Tensor {
    return this.wrap(aten.mm(this.slot, other.slot));
  }

  bmm(other: Tensor): Tensor {
    return this.wrap(aten.bmm(this.slot, other.slot));
  }

  /** `this @ weight^T + bias`; weight is [outputs, inputs]. */
  linear(weight: Tensor, bias?: Tensor | null): Tensor {
    return this.wrap(aten.linear(this.slot, weight.slot, bias?.slot));
  }

  softmax(axis: number, dtype?: Dtype): Tensor {
    return this.wrap(aten.softmax(this.slot, axis, dtypeCode(dtype)));
  }

  logSoftmax(axis: number, dtype?: Dtype): Tensor {
    return this.wrap(aten.logSoftmax(this.slot, axis, dtypeCode(dtype)));
  }

  gelu(approximate: "none" | "tanh" = "none"): Tensor {
    return this.wrap(aten.gelu(this.slot, approximate));
  }

  silu(): Tensor {
    return this.wrap(aten.silu(this.slot));
  }

  relu(): Tensor {
    return this.wrap(aten.relu(this.slot));
  }

  sigmoid(): Tensor {
    return this.wrap(aten.sigmoid(this.slot));
  }

  tanh(): Tensor {
    return this.wrap(aten.tanh(this.slot));
  }

  /** Sets elements to 0 with probability `p` and scales the rest; from the default generator. */
  dropout(p: number, isTraining: boolean = true): Tensor {
    return this.wrap(aten.dropout(this.slot, p, isTraining));
  }

  /** Over the last axes, whose sizes are `normalizedShape`. */
  layerNorm(
    normalizedShape: readonly number[],
    weight?: Tensor | null,
    bias?: Tensor | null,
    eps: number = 1e-5,
  ): Tensor {
    return this.wrap(aten.layerNorm(this.slot, normalizedShape, weight?.slot, bias?.slot, eps));
  }

  /** softmax(this @ key^T * scale) @ value; this, key and value are [B, H, tokens, D]. */
  scaledDotProductAttention(
    key: Tensor,
    value: Tensor,
    { mask, dropout = 0, isCausal = false, scale }: AttentionOptions = {},
  ): Tensor {
    return this.wrap(
      aten.scaledDotProductAttention(
        this.slot,
        key.slot,
        value.slot,
        mask?.slot,
        dropout,
        isCausal,
        scale,
      ),
    );
  }

  /** [B C Z Y X] with weight [outputs, C / groups, z, y, x]. */
  conv3d(
    weight: Tensor,
    { bias, stride = 1, padding = 0, dilation = 1, groups = 1 }: ConvOptions = {},
  ): Tensor {
    return this.wrap(
      aten.conv3d(this.slot, weight.slot, bias?.slot, stride, padding, dilation, groups),
    );
  }

  /**
   * [B C ...space] to other space sizes.
   *
   * "linear" is bilinear on two space axes and trilinear on three. Voxel centres are at halves
   * (PyTorch's align_corners=False).
   */
  interpolate({
    size,
    mode = "nearest",
  }: {
    readonly size: readonly number[];
    readonly mode?: InterpolateMode;
  }): Tensor {
    const kind = `${mode === "linear" ? (linearNames[size.length] ?? mode) : mode} ${size.length}`;
    switch (kind) {
      case "nearest 1":
        return this.wrap(aten.nearest1d(this.slot, size, null));
      case "nearest 2":
        return this.wrap(aten.nearest2d(this.slot, size, null));
      case "nearest 3":
        return this.wrap(aten.nearest3d(this.slot, size, null));
      case "linear 1":
        return this.wrap(aten.linear1d(this.slot, size, false, null));
      case "bilinear 2":
        return this.wrap(aten.bilinear2d(this.slot, size, false, null));
      case "bicubic 2":
        return this.wrap(aten.bicubic2d(this.slot, size, false, null));
      case "trilinear 3":
        return this.wrap(aten.trilinear3d(this.slot, size, false, null));
      case "area 3":
        return this.wrap(aten.area3d(this.slot, size));
      default:
        throw new ShapeError(`${mode} interpolation of 1 to 3 space axes`, size);
    }
  }
}

const linearNames: readonly (string | undefined)[] = [undefined, "linear", "bilinear", "trilinear"];
