// Residual sums and normalisations in one pass over memory:
//
//   cello::add_layer_norm, cello::add_rms_norm: sum = x + y_scale * y, and its norm
//   cello::layer_norm, cello::rms_norm: the norm of x alone
//
// x, y [... D]; weight, bias [D]; y_scale, if given, has one number for each x[i] (what stochastic
// depth needs). Under autocast the norm is computed in float32 and comes out in autocast's type,
// which is what the product after it would round it to; x + y stays in the wider of their types.
#include <ATen/Functions.h>
#include <torch/library.h>

#include "applies.h"
#include "autograd.h"
#include "instruction-set.h"
#include "norm-passes.h"

namespace cello {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;
using OptionalTensor = std::optional<at::Tensor>;
using SumAndNorm = std::tuple<at::Tensor, at::Tensor>;

enum class Kind { kLayer, kRms };

// The type of the norm: autocast's, or x's own.
at::ScalarType NormType(const at::Tensor& x) {
  if (!at::autocast::is_autocast_enabled(x.device().type())) return x.scalar_type();
  if (x.scalar_type() != at::kFloat && x.scalar_type() != at::kBFloat16) return x.scalar_type();
  return at::autocast::get_autocast_dtype(x.device().type());
}

bool Applies(const at::Tensor& x, const OptionalTensor& y, const OptionalTensor& y_scale,
             const at::Tensor& weight, const OptionalTensor& bias) {
  const auto is_float = [](at::ScalarType type) {
    return type == at::kFloat || type == at::kBFloat16;
  };
  if (ActiveLanes() == nullptr || !AreOrdinary({x, weight}) || x.dim() < 1) return false;
  const int64_t width = x.size(-1);
  const at::ScalarType n = NormType(x);
  if (!is_float(x.scalar_type()) || !is_float(n)) return false;
  // A wider residual stream than norm comes of autocast; a narrower one has no kernel.
  if (x.scalar_type() == at::kBFloat16 && n != at::kBFloat16) return false;
  const auto fits = [&](const at::Tensor& parameter) {
    return AreOrdinary({parameter}) && is_float(parameter.scalar_type()) && parameter.dim() == 1 &&
           parameter.size(0) == width &&
           (parameter.scalar_type() == x.scalar_type() || parameter.scalar_type() == at::kFloat);
  };
  if (!fits(weight) || (bias.has_value() && !fits(*bias))) return false;
  if (!y.has_value()) return true;
  if (!AreOrdinary({*y}) || !is_float(y->scalar_type()) || y->sizes() != x.sizes()) return false;
  if (x.scalar_type() == at::kBFloat16 && y->scalar_type() == at::kFloat) return false;
  if (!y_scale.has_value()) return true;
  return AreOrdinary({*y_scale}) && !y_scale->requires_grad() && y_scale->numel() == x.size(0) &&
         x.dim() >= 2;
}

at::Tensor FloatOf(const OptionalTensor& tensor) {
  return tensor.has_value() ? tensor->to(at::kFloat).contiguous() : at::Tensor();
}

class AddNormFunction : public torch::autograd::Function<AddNormFunction> {
 public:
  // Returns {sum, normed}, or {normed} where there is no y.
  static variable_list forward(AutogradContext* context, const at::Tensor& x_argument,
                               const OptionalTensor& y_argument, const OptionalTensor& y_scale,
                               const at::Tensor& weight, const OptionalTensor& bias, double epsilon,
                               bool is_rms, at::ScalarType norm_type) {
    const Unrecorded unrecorded;
    const bool has_y = y_argument.has_value();
    NormForwardTensors t;
    t.x = x_argument.contiguous();
    if (has_y) t.y = y_argument->contiguous();
    t.y_scale = FloatOf(y_scale);
    t.weight = FloatOf(weight);
    t.bias = FloatOf(bias);
    t.sum = has_y ? at::empty_like(t.x) : t.x;
    t.normed = at::empty(t.x.sizes(), t.x.options().dtype(norm_type));
    const int64_t rows = t.x.numel() / t.x.size(-1);
    if (!is_rms) t.mean = at::empty({rows}, at::kFloat);
    t.rstd = at::empty({rows}, at::kFloat);
    NormForwardPass(t, epsilon);
    context->save_for_backward({t.sum, t.y_scale, t.weight, t.mean, t.rstd});
    auto& settings = context->saved_data;
    settings["norm_type"] = norm_type;
    settings["weight_type"] = weight.scalar_type();
    if (has_y) settings["y_type"] = t.y.scalar_type();
    if (bias.has_value()) settings["bias_type"] = bias->scalar_type();
    context->set_materialize_grads(false);
    if (has_y) return {t.sum, t.normed};
    return {t.normed};
  }

  static variable_list backward(AutogradContext* context, const variable_list& grads) {
    RefuseSecondDerivative("cello::layer_norm");
    const Unrecorded unrecorded;
    auto& settings = context->saved_data;
    const auto type_of = [&](const char* name) -> std::optional<at::ScalarType> {
      const auto found = settings.find(name);
      if (found == settings.end()) return std::nullopt;
      return found->second.toScalarType();
    };
    const auto y_type = type_of("y_type");
    const auto saved = context->get_saved_variables();
    NormBackwardTensors t;
    t.sum = saved[0];
    t.y_scale = saved[1];
    t.weight = saved[2];
    t.mean = saved[3];
    t.rstd = saved[4];
    const at::Tensor& d_sum = grads[0];  // where there is y
    const at::Tensor& d_normed = grads.back();
    if (!d_normed.defined() && !(y_type.has_value() && d_sum.defined())) return variable_list(8);
    if (y_type.has_value() && d_sum.defined()) {
      t.d_sum = d_sum.to(t.sum.scalar_type()).contiguous();
    }
    const auto norm_type = *type_of("norm_type");
    t.d_normed = d_normed.defined() ? d_normed.to(norm_type).contiguous()
                                    : at::zeros(t.sum.sizes(), t.sum.options().dtype(norm_type));
    t.dx = at::empty_like(t.sum);
    // Without a scale, and in the same type, dy is dx.
    const bool writes_dy =
        y_type.has_value() && (t.y_scale.defined() || *y_type != t.sum.scalar_type());
    if (writes_dy) t.dy = at::empty(t.sum.sizes(), t.sum.options().dtype(*y_type));
    const at::Tensor parameters = NormBackwardPass(t, y_type.value_or(t.sum.scalar_type()));
    const auto bias_type = type_of("bias_type");
    variable_list found(8);  // the arguments of forward()
    found[0] = t.dx;
    if (y_type.has_value()) found[1] = writes_dy ? t.dy : t.dx;
    found[3] = parameters[0].to(*type_of("weight_type"));
    if (bias_type.has_value()) found[4] = parameters[1].to(*bias_type);
    return found;
  }
};

at::Tensor NormTwin(const at::Tensor& x, const at::Tensor& weight, const OptionalTensor& bias,
                    double epsilon, Kind kind) {
  const at::Tensor normed = kind == Kind::kLayer
                                ? at::layer_norm(x, {x.size(-1)}, weight, bias, epsilon)
                                : at::rms_norm(x, {x.size(-1)}, weight, epsilon);
  return normed.to(NormType(x));
}

SumAndNorm AddNormTwin(const at::Tensor& x, const at::Tensor& y, const OptionalTensor& y_scale,
                       const at::Tensor& weight, const OptionalTensor& bias, double epsilon,
                       Kind kind) {
  at::Tensor added = y;
  if (y_scale.has_value()) {
    TORCH_CHECK_VALUE(y.dim() > 0, "expected y [B ... D] where there is a y_scale, got ",
                      y.sizes());
    std::vector<int64_t> sizes(y.dim(), 1);
    sizes[0] = -1;
    added = y * y_scale->reshape(sizes).to(y.scalar_type());
  }
  const at::Tensor sum = x + added;
  return {sum, NormTwin(sum, weight, bias, epsilon, kind)};
}

SumAndNorm AddNorm(const at::Tensor& x, const at::Tensor& y, const OptionalTensor& y_scale,
                   const at::Tensor& weight, const OptionalTensor& bias, double epsilon,
                   Kind kind) {
  if (!Applies(x, y, y_scale, weight, bias)) {
    return AddNormTwin(x, y, y_scale, weight, bias, epsilon, kind);
  }
  auto results =
      AddNormFunction::apply(x, y, y_scale, weight, bias, epsilon, kind == Kind::kRms, NormType(x));
  return {results[0], results[1]};
}

at::Tensor Norm(const at::Tensor& x, const at::Tensor& weight, const OptionalTensor& bias,
                double epsilon, Kind kind) {
  if (!Applies(x, std::nullopt, std::nullopt, weight, bias)) {
    return NormTwin(x, weight, bias, epsilon, kind);
  }
  return AddNormFunction::apply(x, OptionalTensor(), OptionalTensor(), weight, bias, epsilon,
                                kind == Kind::kRms, NormType(x))[0];
}

template <SumAndNorm (*function)(const at::Tensor&, const at::Tensor&, const OptionalTensor&,
                                 const at::Tensor&, const OptionalTensor&, double, Kind)>
void DefineAddNorm(torch::Library& library, const std::string& overload) {
  const std::string layer = "add_layer_norm" + overload +
                            "(Tensor x, Tensor y, Tensor? y_scale, Tensor weight, Tensor bias, "
                            "float eps=1e-5) -> (Tensor, Tensor)";
  const std::string rms = "add_rms_norm" + overload +
                          "(Tensor x, Tensor y, Tensor? y_scale, Tensor weight, "
                          "float eps=1e-5) -> (Tensor, Tensor)";
  library.def(layer.c_str(),
              [](const at::Tensor& x, const at::Tensor& y, const OptionalTensor& y_scale,
                 const at::Tensor& weight, const at::Tensor& bias, double epsilon) {
                return function(x, y, y_scale, weight, bias, epsilon, Kind::kLayer);
              });
  library.def(rms.c_str(),
              [](const at::Tensor& x, const at::Tensor& y, const OptionalTensor& y_scale,
                 const at::Tensor& weight, double epsilon) {
                return function(x, y, y_scale, weight, OptionalTensor(), epsilon, Kind::kRms);
              });
}

template <at::Tensor (*function)(const at::Tensor&, const at::Tensor&, const OptionalTensor&,
                                 double, Kind)>
void DefineNorm(torch::Library& library, const std::string& overload) {
  const std::string layer =
      "layer_norm" + overload + "(Tensor x, Tensor weight, Tensor bias, float eps=1e-5) -> Tensor";
  const std::string rms =
      "rms_norm" + overload + "(Tensor x, Tensor weight, float eps=1e-5) -> Tensor";
  library.def(layer.c_str(),
              [](const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                 double epsilon) { return function(x, weight, bias, epsilon, Kind::kLayer); });
  library.def(rms.c_str(), [](const at::Tensor& x, const at::Tensor& weight, double epsilon) {
    return function(x, weight, OptionalTensor(), epsilon, Kind::kRms);
  });
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(cello, library) {
  DefineAddNorm<AddNorm>(library, "");
  DefineAddNorm<AddNormTwin>(library, ".twin");
  DefineNorm<Norm>(library, "");
  DefineNorm<NormTwin>(library, ".twin");
}

}  // namespace cello
