// See mlp.h.
#include "mlp.h"

#include <ATen/Functions.h>

namespace cello {

namespace {

at::Tensor FloatOrNone(const OptionalTensor& bias) {
  return bias.has_value() ? bias->to(at::kFloat).contiguous() : at::Tensor();
}

c10::IValue TypeOrNone(const OptionalTensor& bias) {
  return bias.has_value() ? c10::IValue(bias->scalar_type()) : c10::IValue();
}

std::optional<at::ScalarType> TypeFrom(const c10::IValue& value) {
  if (value.isNone()) return std::nullopt;
  return value.toScalarType();
}

}  // namespace

bool MlpApplies(const MlpArguments& mlp, int64_t fold) {
  const auto type = ComputeType(mlp.x);
  if (!type.has_value() || !AreOrdinary({mlp.x}) || mlp.x.dim() < 1) return false;
  if (!IsDenseLayer(mlp.x.size(-1), mlp.weight1, mlp.bias1, *type)) return false;
  const int64_t outputs = mlp.weight1.size(0);
  return outputs % fold == 0 && IsDenseLayer(outputs / fold, mlp.weight2, mlp.bias2, *type);
}

bool NeedsGrad(const MlpArguments& mlp) {
  if (!at::GradMode::is_enabled()) return false;
  const auto requires_grad = [](const OptionalTensor& tensor) {
    return tensor.has_value() && tensor->requires_grad();
  };
  return mlp.x.requires_grad() || mlp.weight1.requires_grad() || mlp.weight2.requires_grad() ||
         requires_grad(mlp.bias1) || requires_grad(mlp.bias2);
}

MlpForwardPass::MlpForwardPass(const MlpArguments& mlp, int64_t fold)
    : k(mlp.weight1.size(1)),
      h(mlp.weight1.size(0) / fold),
      n(mlp.weight2.size(0)),
      x(mlp.x.contiguous()),
      weight1(mlp.weight1.contiguous()),
      weight2(mlp.weight2.contiguous()),
      bias1(FloatOrNone(mlp.bias1)),
      bias2(FloatOrNone(mlp.bias2)) {
  m = x.numel() / k;
  auto sizes = mlp.x.sizes().vec();
  sizes.back() = n;
  y = at::empty(sizes, x.options());
}

void MlpForwardPass::Save(torch::autograd::AutogradContext* context, const MlpArguments& mlp,
                          const at::Tensor& z) const {
  context->save_for_backward({x, z, weight1, weight2});
  context->saved_data["bias1"] = TypeOrNone(mlp.bias1);
  context->saved_data["bias2"] = TypeOrNone(mlp.bias2);
}

MlpBackwardPass::MlpBackwardPass(torch::autograd::AutogradContext* context,
                                 const at::Tensor& grad) {
  const auto saved = context->get_saved_variables();
  x = saved[0];
  z = saved[1];
  weight1 = saved[2];
  weight2 = saved[3];
  k = x.size(-1);
  m = x.numel() / k;
  n = weight2.size(0);
  h = weight2.size(1);
  bias1_type_ = TypeFrom(context->saved_data["bias1"]);
  bias2_type_ = TypeFrom(context->saved_data["bias2"]);
  // Autograd counts the arguments that are there: x, weight1, (bias1), weight2, (bias2).
  size_t edge = 1;
  wants_weight1_ = context->needs_input_grad(edge++);
  wants_bias1_ = bias1_type_.has_value() && context->needs_input_grad(edge++);
  wants_weight2_ = context->needs_input_grad(edge++);
  wants_bias2_ = bias2_type_.has_value() && context->needs_input_grad(edge++);
  g = grad.to(x.scalar_type()).contiguous();
  if (context->needs_input_grad(0)) {
    dx = at::empty_like(x);
  }
}

ParametersOf MlpBackwardPass::Parameters1() const {
  return {weight1, bias1_type_, wants_weight1_, wants_bias1_};
}

ParametersOf MlpBackwardPass::Parameters2() const {
  return {weight2, bias2_type_, wants_weight2_, wants_bias2_};
}

torch::autograd::variable_list MlpBackwardPass::InOrder(const at::Tensor& dx,
                                                        const ParameterGrads& first,
                                                        const ParameterGrads& second) {
  return {dx, first.weight, first.bias, second.weight, second.bias};
}

}  // namespace cello
