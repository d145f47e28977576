import { noGrad, op, scope, stack, type Tensor } from "@cell-observatory/engine";

/**
 * Scales all gradients by one factor, so that their joint L2 norm is at most `largest`; null only
 * measures it.
 *
 * @returns the norm before clipping. It is not finite when a gradient is not; nothing is scaled then.
 *
 * Source: Pascanu et al. 2013, section 3.2; arithmetic as `torch.nn.utils.clip_grad_norm_`.
 */
export function clipGradients(parameters: Iterable<Tensor>, largest: number | null): number {
  return noGrad(() =>
    scope(() => {
      const grads = [...parameters].flatMap(({ grad }) => (grad === null ? [] : [grad]));
      if (grads.length === 0) return 0;
      const norms = op("aten::_foreach_norm.Scalar")(grads);
      const norm = Number(stack(norms).square().sum().sqrt().item());
      if (largest !== null && Number.isFinite(norm) && norm > largest) {
        op("aten::_foreach_mul_.Scalar")(grads, largest / (norm + 1e-6));
      }
      return norm;
    }),
  );
}
