// When a kernel of ours takes a call, and when its twin of libtorch's operators does.
#pragma once

#include <ATen/core/Tensor.h>

#include <initializer_list>
#include <optional>

#include "lanes/lane-kernels.h"

namespace cello {

// The type in which an operator with input x computes: autocast's where it is on, else x's own.
// Nothing where no kernel of ours computes in it here.
std::optional<at::ScalarType> ComputeType(const at::Tensor& x);

// Whether all are ordinary tensors in this machine's memory, with elements: strided, without
// forward-mode tangents, of no subclass. Undefined ones are passed over.
bool AreOrdinary(std::initializer_list<at::Tensor> tensors);

// Whether weight [n inputs] and bias [n] can be used where `type` is computed: they have that type,
// or are float32 and autocast would round them. Pairs of bfloat16 need even sizes.
bool IsDenseLayer(int64_t inputs, const at::Tensor& weight, const std::optional<at::Tensor>& bias,
                  at::ScalarType type);

// Calls body(float{}) or body(Bf16{}).
template <typename Body>
decltype(auto) ByType(at::ScalarType type, Body body) {
  return type == at::kFloat ? body(float{}) : body(Bf16{});
}

}  // namespace cello
