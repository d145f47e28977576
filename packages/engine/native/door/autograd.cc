// Gradients: backward, grad, the gradient of a leaf, the switch, and hooks on leaves.
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/function_hook.h>
#include <torch/csrc/autograd/variable.h>

#include "door/exports.h"
#include "door/js-reference.h"
#include "door/values.h"
#include "engine/describe.h"

namespace cello::door {
namespace {

using torch::autograd::variable_list;

// Slots, and null for an undefined tensor.
variable_list TensorsOrNone(Call& call, size_t i) {
  uint32_t count = 0;
  Check(call.engine, napi_get_array_length(call.env(), call[i], &count));
  variable_list tensors(count);
  for (uint32_t k = 0; k < count; ++k) {
    napi_value element;
    Check(call.engine, napi_get_element(call.env(), call[i], k, &element));
    if (IsMissing(TypeOf(call.engine, element))) continue;
    tensors[k] = call.engine.slots.Get(ReadNumber(call.engine, element, "a tensor"));
  }
  return tensors;
}

// backward(outputs, gradients, inputs, retainGraph, createGraph)
napi_value Backward(Call& call) {
  call.engine.late_calls->Clear();  // of a pass that failed
  torch::autograd::backward(call.Tensors(0), TensorsOrNone(call, 1), call.Bool(3), call.Bool(4),
                            call.Tensors(2));
  call.engine.late_calls->Run(call.engine);
  return call.Undefined();
}

// grad(outputs, gradients, inputs, retainGraph, createGraph): null where an input is not used.
napi_value Grad(Call& call) {
  return call.From(torch::autograd::grad(call.Tensors(0), call.Tensors(2), TensorsOrNone(call, 1),
                                         call.Bool(3), call.Bool(4), /*allow_unused=*/true));
}

napi_value GetGrad(Call& call) { return call.From(call.Tensor(0).grad()); }

// setGrad(leaf, gradient or null)
napi_value SetGrad(Call& call) {
  at::Tensor& leaf = call.Tensor(0);
  if (!call.Given(1)) {
    leaf.mutable_grad().reset();
    return call.Undefined();
  }
  const at::Tensor& gradient = call.Tensor(1);
  if (!gradient.sizes().equals(leaf.sizes()) || gradient.device() != leaf.device() ||
      gradient.scalar_type() != leaf.scalar_type()) {
    throw ArgumentError("expected a gradient with the shape, dtype and device of its tensor, " +
                        Describe(leaf) + ", got " + Describe(gradient));
  }
  leaf.mutable_grad() = gradient;
  return call.Undefined();
}

napi_value IsGradEnabled(Call& call) { return call.From(at::GradMode::is_enabled()); }

// setGradEnabled(on): what it was before.
napi_value SetGradEnabled(Call& call) {
  const bool before = at::GradMode::is_enabled();
  at::GradMode::set_enabled(call.Bool(0));
  return call.From(before);
}

// Calls a JavaScript function whenever the gradient of its leaf has been accumulated. On a CUDA
// device that is a thread without JavaScript: the call then waits for the end of the backward pass.
class GradReadyHook : public torch::autograd::PostAccumulateGradHook {
 public:
  GradReadyHook(Engine& engine, napi_value callback)
      : engine_(engine),
        late_calls_(engine.late_calls),
        callback_(std::make_shared<JsReference>(engine, callback)) {}

  void operator()(const torch::autograd::Variable&) override {
    if (callback_->OnItsThread()) {
      callback_->Call(engine_);
    } else {
      late_calls_->Add(callback_);
    }
  }

 private:
  Engine& engine_;
  std::shared_ptr<LateCalls> late_calls_;
  std::shared_ptr<JsReference> callback_;
};

// setGradReadyHook(leaf, callback or null): a leaf has one.
napi_value SetGradReadyHook(Call& call) {
  const at::Tensor& leaf = call.Tensor(0);
  if (!leaf.is_leaf() || !leaf.requires_grad()) {
    throw ArgumentError("expected a leaf that requires a gradient");
  }
  torch::autograd::impl::set_post_acc_grad_hooks(
      leaf, call.Given(1) ? std::make_unique<GradReadyHook>(call.engine, call[1]) : nullptr);
  return call.Undefined();
}

}  // namespace

std::span<const Export> AutogradExports() {
  static constexpr Export kExports[] = {
      {"backward", Backward},
      {"getGrad", GetGrad},
      {"grad", Grad},
      {"isGradEnabled", IsGradEnabled},
      {"setGrad", SetGrad},
      {"setGradEnabled", SetGradEnabled},
      {"setGradReadyHook", SetGradReadyHook},
  };
  return kExports;
}

}  // namespace cello::door
