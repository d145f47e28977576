#include "engine/kept-sizes.h"

namespace cello {

KeptSizes::KeptSizes(const Operator& op, const torch::jit::Stack& stack) {
  for (size_t i = 0; i < op.parameters.size(); ++i) {
    if (!op.parameters[i].is_written) continue;
    const c10::IValue& value = stack[i];
    if (value.isTensor()) Keep(value.toTensor());
    if (!value.isTensorList()) continue;
    for (const at::Tensor& tensor : value.toTensorList()) Keep(tensor);
  }
}

void KeptSizes::Keep(const at::Tensor& tensor) {
  if (!tensor.defined() || tensor.layout() != at::kStrided || tensor.is_nested()) return;
  kept_.push_back({tensor, tensor.sizes().vec(), tensor.strides().vec(), tensor.storage_offset()});
}

void KeptSizes::Restore() const {
  for (const auto& [tensor, sizes, strides, offset] : kept_) {
    if (tensor.sizes() == sizes && tensor.strides() == strides) continue;
    tensor.unsafeGetTensorImpl()->set_sizes_and_strides(sizes, strides, offset);
  }
}

}  // namespace cello
