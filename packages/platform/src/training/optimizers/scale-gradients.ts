import { noGrad, op, type Tensor } from "@cell-observatory/engine";

/** Multiplies all gradients by one factor. */
export function scaleGradients(parameters: Iterable<Tensor>, factor: number): void {
  const grads = [...parameters].flatMap(({ grad }) => (grad === null ? [] : [grad]));
  if (grads.length > 0) noGrad(() => op("aten::_foreach_mul_.Scalar")(grads, factor));
}
