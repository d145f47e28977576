// Words for tensors and dtypes, as the JavaScript side spells them.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>

namespace cello {

// "float32[4, 4]", with " on cuda:0" when it is not on the CPU.
std::string Describe(const at::Tensor& tensor);

// "float32", "bfloat16", "int64", ...
std::string DtypeName(at::ScalarType dtype);

}  // namespace cello
