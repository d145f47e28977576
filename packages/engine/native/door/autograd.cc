// Gradients: backward, grad, the gradient of a leaf, the switch, and hooks on leaves.
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/function_hook.h>
#include <torch/csrc/autograd/variable.h>

#include <algorithm>

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

// Calls JavaScript functions whenever the gradient of their leaf has been accumulated, in the order
// in which they came. On a CUDA device that is a thread without JavaScript: the calls then wait for
// the end of the backward pass.
class GradReadyHooks : public torch::autograd::PostAccumulateGradHook {
 public:
  explicit GradReadyHooks(Engine& engine) : engine_(engine), late_calls_(engine.late_calls) {}

  int64_t Add(napi_value callback) {
    callbacks_.push_back({++last_id_, std::make_shared<JsReference>(engine_, callback)});
    return last_id_;
  }

  void Remove(int64_t id) {
    std::erase_if(callbacks_, [&](const Callback& each) { return each.id == id; });
  }

  void operator()(const torch::autograd::Variable&) override {
    // A copy: a callback may add others, and take itself off.
    for (const auto& [id, function] : std::vector<Callback>(callbacks_)) {
      if (function->OnItsThread()) {
        function->Call(engine_);
      } else {
        late_calls_->Add(function);
      }
    }
  }

 private:
  struct Callback {
    int64_t id;
    std::shared_ptr<JsReference> function;
  };

  Engine& engine_;
  std::shared_ptr<LateCalls> late_calls_;
  std::vector<Callback> callbacks_;
  int64_t last_id_ = 0;
};

// A leaf has one hook object, however many slots name it; nobody else sets any.
GradReadyHooks* HooksOf(const at::Tensor& leaf) {
  const auto* meta = torch::autograd::impl::get_autograd_meta(leaf);
  return meta == nullptr ? nullptr : static_cast<GradReadyHooks*>(meta->post_acc_grad_hooks_.get());
}

// addGradReadyHook(leaf, callback): its number.
napi_value AddGradReadyHook(Call& call) {
  const at::Tensor& leaf = call.Tensor(0);
  if (!leaf.is_leaf() || !leaf.requires_grad()) {
    throw ArgumentError("expected a leaf that requires a gradient");
  }
  if (TypeOf(call.engine, call[1]) != napi_function) throw ArgumentError("expected a function");
  if (HooksOf(leaf) == nullptr) {
    torch::autograd::impl::set_post_acc_grad_hooks(leaf,
                                                   std::make_unique<GradReadyHooks>(call.engine));
  }
  return call.FromInt(HooksOf(leaf)->Add(call[1]));
}

// removeGradReadyHook(leaf, number)
napi_value RemoveGradReadyHook(Call& call) {
  GradReadyHooks* hooks = HooksOf(call.Tensor(0));
  if (hooks != nullptr) hooks->Remove(call.Int(1));
  return call.Undefined();
}

}  // namespace

std::span<const Export> AutogradExports() {
  static constexpr Export kExports[] = {
      {"addGradReadyHook", AddGradReadyHook},
      {"backward", Backward},
      {"getGrad", GetGrad},
      {"grad", Grad},
      {"isGradEnabled", IsGradEnabled},
      {"removeGradReadyHook", RemoveGradReadyHook},
      {"setGrad", SetGrad},
      {"setGradEnabled", SetGradEnabled},
  };
  return kExports;
}

}  // namespace cello::door
