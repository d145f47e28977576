#include "engine/kept-sizes.h"

#include <ATen/EmptyTensor.h>

namespace cello {

KeptSizes::KeptSizes(const Operator& op, const torch::jit::Stack& stack) {
  for (size_t i = 0; i < op.parameters.size(); ++i) {
    if (!op.parameters[i].is_written) continue;
    const c10::IValue& value = stack[i];
    if (value.isTensor()) Keep(value.toTensor());
    if (!value.isTensorList()) continue;
    const auto tensors = value.toTensorList();
    kept_.reserve(kept_.size() + tensors.size());
    for (const at::Tensor& tensor : tensors) Keep(tensor);
  }
}

void KeptSizes::Keep(const at::Tensor& tensor) {
  if (!tensor.defined() || tensor.layout() != at::kStrided || tensor.is_nested()) return;
  kept_.push_back({tensor, at::DimVector(tensor.sizes()), at::DimVector(tensor.strides()),
                   tensor.storage_offset()});
}

void KeptSizes::Restore() const {
  for (const auto& [tensor, sizes, strides, offset] : kept_) {
    if (tensor.sizes().equals(sizes) && tensor.strides().equals(strides)) continue;
    const size_t needed =
        at::detail::computeStorageNbytes(sizes, strides, tensor.itemsize(), offset);
    if (needed <= tensor.storage().nbytes()) {
      tensor.unsafeGetTensorImpl()->set_sizes_and_strides(sizes, strides, offset);
    } else {  // it was given other memory
      tensor.unsafeGetTensorImpl()->set_sizes_contiguous({0});
    }
  }
}

}  // namespace cello
