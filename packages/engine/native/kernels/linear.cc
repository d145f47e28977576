// cello::linear: y = x w^T + b. x [... k], weight [n k], bias [n].
//
// Beside its speed, what it has over aten::linear is autocast without copies: float32 weights are
// rounded to bfloat16 while they are packed, and their gradients are never bfloat16.
#include <ATen/Functions.h>
#include <torch/library.h>

#include "applies.h"
#include "autograd.h"
#include "dense.h"

namespace cello {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;
using OptionalTensor = std::optional<at::Tensor>;

at::Tensor LinearTwin(const at::Tensor& x, const at::Tensor& weight, const OptionalTensor& bias) {
  return at::linear(x, weight, bias);
}

bool Applies(const at::Tensor& x, const at::Tensor& weight, const OptionalTensor& bias) {
  const auto type = ComputeType(x);
  return type.has_value() && AreOrdinary({x}) && x.dim() >= 1 &&
         IsDenseLayer(x.size(-1), weight, bias, *type);
}

class LinearFunction : public torch::autograd::Function<LinearFunction> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            const OptionalTensor& bias) {
    const Unrecorded unrecorded;
    const int64_t n = weight.size(0);
    const int64_t k = weight.size(1);
    const at::Tensor x_rows = x.contiguous();
    const at::Tensor w = weight.contiguous();
    const at::Tensor b = bias.has_value() ? bias->to(at::kFloat).contiguous() : at::Tensor();
    auto sizes = x.sizes().vec();
    sizes.back() = n;
    at::Tensor y = at::empty(sizes, x.options());
    ByType(x.scalar_type(), [&](auto element) {
      using T = decltype(element);
      DenseForward<T>(x.numel() / k, n, k, DataOf<T>(x_rows), WeightOf(w),
                      b.defined() ? b.data_ptr<float>() : nullptr, DataOf<T>(y));
    });
    context->save_for_backward({x_rows, w});
    if (bias.has_value()) context->saved_data["bias"] = bias->scalar_type();
    return y;
  }

  static variable_list backward(AutogradContext* context, const variable_list& grads) {
    RefuseSecondDerivative("cello::linear");
    const Unrecorded unrecorded;
    const auto saved = context->get_saved_variables();
    const at::Tensor& x = saved[0];
    const at::Tensor& w = saved[1];
    const int64_t m = x.numel() / x.size(-1);
    const int64_t n = w.size(0);
    const int64_t k = w.size(1);
    const at::Tensor g = grads[0].to(x.scalar_type()).contiguous();
    const auto bias = context->saved_data.find("bias");
    const bool has_bias = bias != context->saved_data.end();
    at::Tensor dx;
    if (context->needs_input_grad(0)) {
      dx = at::empty_like(x);
    }
    const ParametersOf parameters{
        w, has_bias ? std::optional(bias->second.toScalarType()) : std::nullopt,
        context->needs_input_grad(1), has_bias && context->needs_input_grad(2)};
    return ByType(x.scalar_type(), [&](auto element) -> variable_list {
      using T = decltype(element);
      if (dx.defined()) DenseInputGrad<T>(m, n, k, DataOf<T>(g), WeightOf(w), DataOf<T>(dx));
      const auto grads =
          DenseParameterGrads<T>(m, {DataOf<T>(g), n}, {DataOf<T>(x), k}, parameters);
      return {dx, grads.weight, grads.bias};
    });
  }
};

at::Tensor Linear(const at::Tensor& x, const at::Tensor& weight, const OptionalTensor& bias) {
  if (!Applies(x, weight, bias)) return LinearTwin(x, weight, bias);
  return LinearFunction::apply(x.to(*ComputeType(x)), weight, bias);
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(cello, library) {
  library.def("linear(Tensor x, Tensor weight, Tensor? bias=None) -> Tensor", Linear);
  library.def("linear.twin(Tensor x, Tensor weight, Tensor? bias=None) -> Tensor", LinearTwin);
}

}  // namespace cello
