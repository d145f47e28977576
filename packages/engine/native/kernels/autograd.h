// What the operators of this folder share of autograd.
#pragma once

#include <ATen/autocast_mode.h>
#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/custom_function.h>

namespace cello {

// While it lives, libtorch's operators run as they are: unrecorded, and without autocast.
class Unrecorded {
 public:
  Unrecorded() : no_autocast_(c10::autocast_dispatch_keyset) {}

 private:
  at::AutoDispatchBelowAutograd below_autograd_;
  c10::impl::ExcludeDispatchKeyGuard no_autocast_;
};

// To be called first in a backward pass. Ours is not recorded, so its own derivative would be
// silently zero.
inline void RefuseSecondDerivative(const char* name) {
  TORCH_CHECK_NOT_IMPLEMENTED(
      !at::GradMode::is_enabled(), name, " has no second derivative: backward was asked to record ",
      "itself (createGraph). Where that is needed, call ", name, ".twin instead");
}

}  // namespace cello
