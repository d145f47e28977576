// cello::mlp_swiglu: y = (silu(gate) * up) w2^T + b2, where [gate | up] = x w1^T + b1.
//
// x [... k], weight1 [2h k], bias1 [2h], weight2 [n h], bias2 [n]. For the backward pass it keeps
// [gate | up], and makes their product again. Source: Shazeer 2020, "GLU Variants Improve
// Transformer".
#include <ATen/Functions.h>
#include <torch/library.h>

#include <algorithm>

#include "instruction-set.h"
#include "mlp.h"

namespace cello {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Hidden channels in a panel: a panel holds as many columns of gate, and then those of up.
constexpr int64_t kHalf = kPanelColumns / 2;

at::Tensor MlpSwigluTwin(const at::Tensor& x, const at::Tensor& weight1,
                         const OptionalTensor& bias1, const at::Tensor& weight2,
                         const OptionalTensor& bias2) {
  const auto halves = at::linear(x, weight1, bias1).chunk(2, -1);
  TORCH_CHECK(halves.size() == 2, "cello::mlp_swiglu: expected weight1 [2h, k], got ",
              weight1.sizes());
  return at::linear(at::silu(halves[0]) * halves[1], weight2, bias2);
}

template <typename T>
void PackGateAndUp(const Weight& weight1, int64_t h, const PanelRequest& request) {
  PanelRequest half = request;
  half.column = request.column / 2;
  half.columns = std::min(kHalf, h - half.column);
  PackTransposed<T>(weight1, half);
  half.column += h;
  half.panel.data += kHalf;
  PackTransposed<T>(weight1, half);
}

template <typename T>
void Forward(const MlpForwardPass& pass, const at::Tensor& z) {
  const int64_t h = pass.h;
  const at::Tensor hidden = at::empty({pass.m, h}, pass.x.options());
  const Rows<T> gate{z.defined() ? DataOf<T>(z) : nullptr, 2 * h};
  const Rows<T> hidden_rows{DataOf<T>(hidden), h};
  const Weight weight1 = WeightOf(pass.weight1);
  const float* bias = pass.bias1_data();
  const auto swiglu = LanesOf<T>().activation.swiglu;
  Matmul<T>(
      pass.m, RoundUp(h, kHalf) * 2, pass.k, {DataOf<T>(pass.x), pass.k},
      [&](const PanelRequest& request) { PackGateAndUp<T>(weight1, h, request); },
      [&](const Tile& tile) {
        const int64_t column = tile.column / 2;
        swiglu(tile.values, kHalf, tile.rows, std::min(kHalf, h - column),
               bias == nullptr ? nullptr : bias + column,
               bias == nullptr ? nullptr : bias + h + column, gate.At(tile.row, column),
               gate.At(tile.row, h + column), hidden_rows.At(tile.row, column));
      });
  DenseForward<T>(pass.m, pass.n, h, hidden_rows.data, WeightOf(pass.weight2), pass.bias2_data(),
                  DataOf<T>(pass.y));
}

template <typename T>
variable_list Backward(const MlpBackwardPass& pass) {
  const int64_t h = pass.h;
  at::Tensor hidden = at::empty({pass.m, h}, pass.x.options());
  const at::Tensor dz = at::empty_like(pass.z);
  const Rows<const T> gate{DataOf<T>(pass.z), 2 * h};
  const Rows<T> hidden_rows{DataOf<T>(hidden), h};
  const Rows<T> d_gate{DataOf<T>(dz), 2 * h};
  const Weight weight2 = WeightOf(pass.weight2);
  const auto swiglu_grad = LanesOf<T>().activation.swiglu_grad;
  Matmul<T>(
      pass.m, h, pass.n, {DataOf<T>(pass.g), pass.n},
      [&](const PanelRequest& request) { PackPlain<T>(weight2, request); },
      [&](const Tile& tile) {
        swiglu_grad(tile.values, tile.rows, tile.columns, gate.At(tile.row, tile.column),
                    gate.At(tile.row, h + tile.column), hidden_rows.At(tile.row, tile.column),
                    d_gate.At(tile.row, tile.column), d_gate.At(tile.row, h + tile.column));
      });
  const auto second =
      DenseParameterGrads<T>(pass.m, {DataOf<T>(pass.g), pass.n}, hidden_rows, pass.Parameters2());
  hidden.reset();
  const auto first =
      DenseParameterGrads<T>(pass.m, d_gate, {DataOf<T>(pass.x), pass.k}, pass.Parameters1());
  if (pass.dx.defined()) {
    DenseInputGrad<T>(pass.m, 2 * h, pass.k, d_gate.data, WeightOf(pass.weight1),
                      DataOf<T>(pass.dx));
  }
  return MlpBackwardPass::InOrder(pass.dx, first, second);
}

class MlpSwigluFunction : public torch::autograd::Function<MlpSwigluFunction> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x,
                            const at::Tensor& weight1, const OptionalTensor& bias1,
                            const at::Tensor& weight2, const OptionalTensor& bias2, bool keeps_z) {
    const Unrecorded unrecorded;
    const MlpArguments mlp{x, weight1, bias1, weight2, bias2};
    const MlpForwardPass pass(mlp, 2);
    at::Tensor z;
    if (keeps_z) z = at::empty({pass.m, 2 * pass.h}, pass.x.options());
    ByType(x.scalar_type(), [&](auto element) { Forward<decltype(element)>(pass, z); });
    pass.Save(context, mlp, z);
    return pass.y;
  }

  static variable_list backward(AutogradContext* context, const variable_list& grads) {
    RefuseSecondDerivative("cello::mlp_swiglu");
    const Unrecorded unrecorded;
    const MlpBackwardPass pass(context, grads[0]);
    variable_list found = ByType(pass.x.scalar_type(),
                                 [&](auto element) { return Backward<decltype(element)>(pass); });
    found.emplace_back();  // keeps_z
    return found;
  }
};

at::Tensor MlpSwiglu(const at::Tensor& x, const at::Tensor& weight1, const OptionalTensor& bias1,
                     const at::Tensor& weight2, const OptionalTensor& bias2) {
  const MlpArguments mlp{x, weight1, bias1, weight2, bias2};
  if (!MlpApplies(mlp, 2)) return MlpSwigluTwin(x, weight1, bias1, weight2, bias2);
  return MlpSwigluFunction::apply(x.to(*ComputeType(x)), weight1, bias1, weight2, bias2,
                                  NeedsGrad(mlp));
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(cello, library) {
  library.def(
      "mlp_swiglu(Tensor x, Tensor weight1, Tensor? bias1, Tensor weight2, Tensor? bias2) -> "
      "Tensor",
      MlpSwiglu);
  library.def(
      "mlp_swiglu.twin(Tensor x, Tensor weight1, Tensor? bias1, Tensor weight2, Tensor? bias2) -> "
      "Tensor",
      MlpSwigluTwin);
}

}  // namespace cello
