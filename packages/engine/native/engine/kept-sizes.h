// The sizes of what an operator writes to, for the case that it fails.
//
// libtorch gives a result its new sizes first, and then finds that there is no memory for it, or
// that the memory is not its own to resize. Such a tensor would reach beyond its memory.
#pragma once

#include <ATen/core/DimVector.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/stack.h>

#include <vector>

#include "engine/operator.h"

namespace cello {

class KeptSizes {
 public:
  // Of the arguments in `stack` that `op` writes to.
  KeptSizes(const Operator& op, const torch::jit::Stack& stack);

  // Gives all of them the sizes back that they had.
  void Restore() const;

 private:
  void Keep(const at::Tensor& tensor);

  struct Kept {
    at::Tensor tensor;
    at::DimVector sizes;
    at::DimVector strides;
    int64_t offset;
  };
  std::vector<Kept> kept_;
};

}  // namespace cello
