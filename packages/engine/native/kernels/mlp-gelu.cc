// cello::mlp_gelu: y = gelu(x w1^T + b1) w2^T + b2, with the exact (erf) GELU.
//
// x [... k], weight1 [h k], bias1 [h], weight2 [n h], bias2 [n]. For the backward pass it keeps
// z = x w1^T + b1, and makes gelu(z) again.
#include <ATen/Functions.h>
#include <torch/library.h>

#include "instruction-set.h"
#include "mlp.h"

namespace cello {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

at::Tensor MlpGeluTwin(const at::Tensor& x, const at::Tensor& weight1, const OptionalTensor& bias1,
                       const at::Tensor& weight2, const OptionalTensor& bias2) {
  return at::linear(at::gelu(at::linear(x, weight1, bias1)), weight2, bias2);
}

template <typename T>
void Forward(const MlpForwardPass& pass, const at::Tensor& z) {
  const at::Tensor hidden = at::empty({pass.m, pass.h}, pass.x.options());
  const Rows<T> z_rows{z.defined() ? DataOf<T>(z) : nullptr, pass.h};
  const Rows<T> hidden_rows{DataOf<T>(hidden), pass.h};
  const Weight weight1 = WeightOf(pass.weight1);
  const float* bias = pass.bias1_data();
  const auto gelu = LanesOf<T>().activation.gelu;
  Matmul<T>(
      pass.m, pass.h, pass.k, {DataOf<T>(pass.x), pass.k},
      [&](const PanelRequest& request) { PackTransposed<T>(weight1, request); },
      [&](const Tile& tile) {
        gelu(tile.values, tile.rows, tile.columns, bias == nullptr ? nullptr : bias + tile.column,
             z_rows.At(tile.row, tile.column), hidden_rows.At(tile.row, tile.column));
      });
  DenseForward<T>(pass.m, pass.n, pass.h, hidden_rows.data, WeightOf(pass.weight2),
                  pass.bias2_data(), DataOf<T>(pass.y));
}

template <typename T>
variable_list Backward(const MlpBackwardPass& pass) {
  at::Tensor hidden = at::empty_like(pass.z);
  const at::Tensor dz = at::empty_like(pass.z);
  const Rows<const T> z_rows{DataOf<T>(pass.z), pass.h};
  const Rows<T> hidden_rows{DataOf<T>(hidden), pass.h};
  const Rows<T> dz_rows{DataOf<T>(dz), pass.h};
  const Weight weight2 = WeightOf(pass.weight2);
  const auto gelu_grad = LanesOf<T>().activation.gelu_grad;
  Matmul<T>(
      pass.m, pass.h, pass.n, {DataOf<T>(pass.g), pass.n},
      [&](const PanelRequest& request) { PackPlain<T>(weight2, request); },
      [&](const Tile& tile) {
        gelu_grad(tile.values, tile.rows, tile.columns, z_rows.At(tile.row, tile.column),
                  hidden_rows.At(tile.row, tile.column), dz_rows.At(tile.row, tile.column));
      });
  const auto second =
      DenseParameterGrads<T>(pass.m, {DataOf<T>(pass.g), pass.n}, hidden_rows, pass.Parameters2());
  hidden.reset();
  const auto first =
      DenseParameterGrads<T>(pass.m, dz_rows, {DataOf<T>(pass.x), pass.k}, pass.Parameters1());
  if (pass.dx.defined()) {
    DenseInputGrad<T>(pass.m, pass.h, pass.k, dz_rows.data, WeightOf(pass.weight1),
                      DataOf<T>(pass.dx));
  }
  return MlpBackwardPass::InOrder(pass.dx, first, second);
}

class MlpGeluFunction : public torch::autograd::Function<MlpGeluFunction> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x,
                            const at::Tensor& weight1, const OptionalTensor& bias1,
                            const at::Tensor& weight2, const OptionalTensor& bias2, bool keeps_z) {
    const Unrecorded unrecorded;
    const MlpArguments mlp{x, weight1, bias1, weight2, bias2};
    const MlpForwardPass pass(mlp, 1);
    at::Tensor z;
    if (keeps_z) z = at::empty({pass.m, pass.h}, pass.x.options());
    ByType(x.scalar_type(), [&](auto element) { Forward<decltype(element)>(pass, z); });
    pass.Save(context, mlp, z);
    return pass.y;
  }

  static variable_list backward(AutogradContext* context, const variable_list& grads) {
    RefuseSecondDerivative("cello::mlp_gelu");
    const Unrecorded unrecorded;
    const MlpBackwardPass pass(context, grads[0]);
    variable_list found = ByType(pass.x.scalar_type(),
                                 [&](auto element) { return Backward<decltype(element)>(pass); });
    found.emplace_back();  // keeps_z
    return found;
  }
};

at::Tensor MlpGelu(const at::Tensor& x, const at::Tensor& weight1, const OptionalTensor& bias1,
                   const at::Tensor& weight2, const OptionalTensor& bias2) {
  const MlpArguments mlp{x, weight1, bias1, weight2, bias2};
  if (!MlpApplies(mlp, 1)) return MlpGeluTwin(x, weight1, bias1, weight2, bias2);
  return MlpGeluFunction::apply(x.to(*ComputeType(x)), weight1, bias1, weight2, bias2,
                                NeedsGrad(mlp));
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(cello, library) {
  library.def(
      "mlp_gelu(Tensor x, Tensor weight1, Tensor? bias1, Tensor weight2, Tensor? bias2) -> Tensor",
      MlpGelu);
  library.def(
      "mlp_gelu.twin(Tensor x, Tensor weight1, Tensor? bias1, Tensor weight2, Tensor? bias2) -> "
      "Tensor",
      MlpGeluTwin);
}

}  // namespace cello
