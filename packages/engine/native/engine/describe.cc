#include "engine/describe.h"

#include <array>
#include <string_view>
#include <utility>

namespace cello {

std::string DtypeName(at::ScalarType dtype) {
  switch (dtype) {
    case at::kFloat:
      return "float32";
    case at::kDouble:
      return "float64";
    case at::kHalf:
      return "float16";
    case at::kBFloat16:
      return "bfloat16";
    case at::kByte:
      return "uint8";
    case at::kChar:
      return "int8";
    case at::kShort:
      return "int16";
    case at::kInt:
      return "int32";
    case at::kLong:
      return "int64";
    case at::kBool:
      return "bool";
    case at::kComplexFloat:
      return "complex64";
    case at::kComplexDouble:
      return "complex128";
    case at::kUInt16:
      return "uint16";
    case at::kUInt32:
      return "uint32";
    case at::kUInt64:
      return "uint64";
    default:
      return c10::toString(dtype);
  }
}

std::string Describe(const at::Tensor& tensor) {
  std::string text = DtypeName(tensor.scalar_type()) + "[";
  if (tensor.layout() == at::kStrided && !tensor.is_nested()) {
    for (int64_t i = 0; i < tensor.dim(); ++i) {
      if (i > 0) text += ", ";
      text += std::to_string(tensor.size(i));
    }
  } else {
    text += "not strided";
  }
  text += "]";
  if (!tensor.is_cpu()) text += " on " + tensor.device().str();
  return text;
}

}  // namespace cello
