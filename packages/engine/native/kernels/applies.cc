// See applies.h.
#include "applies.h"

#include <ATen/TensorSubclassLikeUtils.h>
#include <ATen/autocast_mode.h>

#include "instruction-set.h"
#include "micro-gemm.h"

namespace cello {

std::optional<at::ScalarType> ComputeType(const at::Tensor& x) {
  if (ActiveLanes() == nullptr || !x.device().is_cpu()) return std::nullopt;
  at::ScalarType type = x.scalar_type();
  if (at::autocast::is_autocast_enabled(at::kCPU)) {
    if (type != at::kFloat && type != at::kBFloat16) return std::nullopt;
    type = at::autocast::get_autocast_dtype(at::kCPU);
  }
  if (type == at::kFloat && HasMicroGemm<float>()) return type;
  if (type == at::kBFloat16 && HasMicroGemm<Bf16>()) return type;
  return std::nullopt;
}

bool AreOrdinary(std::initializer_list<at::Tensor> tensors) {
  for (const at::Tensor& tensor : tensors) {
    if (!tensor.defined()) continue;
    const bool plain = tensor.device().is_cpu() && tensor.layout() == at::kStrided &&
                       !tensor.is_quantized() && !at::isTensorSubclassLike(tensor) &&
                       !tensor._fw_grad(/*level=*/0).defined();
    if (!plain || tensor.numel() == 0) return false;
  }
  return true;
}

bool IsDenseLayer(int64_t inputs, const at::Tensor& weight, const std::optional<at::Tensor>& bias,
                  at::ScalarType type) {
  const auto fits = [&](const at::Tensor& parameter) {
    const bool would_round =
        parameter.scalar_type() == at::kFloat && at::autocast::is_autocast_enabled(at::kCPU);
    return AreOrdinary({parameter}) && (parameter.scalar_type() == type || would_round);
  };
  if (!fits(weight) || weight.dim() != 2 || weight.size(1) != inputs) return false;
  if (type == at::kBFloat16 && (inputs % 2 != 0 || weight.size(0) % 2 != 0)) return false;
  return !bias.has_value() || (fits(*bias) && bias->dim() == 1 && bias->size(0) == weight.size(0));
}

}  // namespace cello
