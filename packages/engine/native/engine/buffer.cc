#include "engine/buffer.h"

#include <ATen/Functions.h>

#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>

#include "engine/describe.h"

namespace cello {
namespace {

// Throws unless `shape` of `dtype` takes just `num_bytes`.
void CheckBytes(size_t num_bytes, at::ScalarType dtype, const std::vector<int64_t>& shape) {
  size_t needed = c10::elementSize(dtype);
  std::string text;
  bool fits = true;
  for (const int64_t size : shape) {
    text += (text.empty() ? "" : ", ") + std::to_string(size);
    fits = fits && size >= 0 && !__builtin_mul_overflow(needed, static_cast<size_t>(size), &needed);
  }
  if (fits && needed == num_bytes) return;
  throw std::invalid_argument("expected " + (fits ? std::to_string(needed) : "more") +
                              " bytes for " + DtypeName(dtype) + "[" + text + "], got " +
                              std::to_string(num_bytes));
}

}  // namespace

at::Tensor TensorOver(std::span<std::byte> bytes, at::ScalarType dtype,
                      const std::vector<int64_t>& shape, std::function<void()> release) {
  CheckBytes(bytes.size(), dtype, shape);
  if (reinterpret_cast<uintptr_t>(bytes.data()) % c10::elementSize(dtype) != 0) {
    throw std::invalid_argument("the first byte of a " + DtypeName(dtype) +
                                " tensor must be at a multiple of its size");
  }
  if (bytes.empty()) {
    release();
    return at::empty(shape, at::TensorOptions().dtype(dtype));
  }
  return at::from_blob(
      bytes.data(), shape, [release = std::move(release)](void*) { release(); },
      at::TensorOptions().dtype(dtype));
}

at::Tensor TensorFrom(std::span<const std::byte> bytes, at::ScalarType dtype,
                      const std::vector<int64_t>& shape, c10::Device device) {
  CheckBytes(bytes.size(), dtype, shape);
  const at::Tensor tensor = at::empty(shape, at::TensorOptions().dtype(dtype));
  if (!bytes.empty()) std::memcpy(tensor.mutable_data_ptr(), bytes.data(), bytes.size());
  return device.is_cpu() ? tensor : tensor.to(device);
}

void CopyOut(const at::Tensor& tensor, at::ScalarType dtype, std::span<std::byte> target) {
  const at::Tensor source = tensor.detach().to(at::kCPU, dtype).contiguous();
  if (source.nbytes() != target.size()) {
    throw std::invalid_argument("expected room for " + std::to_string(source.nbytes()) +
                                " bytes, got " + std::to_string(target.size()));
  }
  if (!target.empty()) std::memcpy(target.data(), source.const_data_ptr(), target.size());
}

std::span<std::byte> PinnedBytes(const at::Tensor& tensor) {
  if (!tensor.is_cpu() || tensor.layout() != at::kStrided || !tensor.is_contiguous()) {
    throw std::invalid_argument("expected a contiguous tensor on the CPU, got " + Describe(tensor) +
                                ": call contiguous(), or data() for a copy");
  }
  if (tensor.is_conj() || tensor.is_neg()) {
    throw std::invalid_argument("expected a tensor without a pending conjugate or negation");
  }
  tensor.storage().unsafeGetStorageImpl()->set_resizable(false);
  return {static_cast<std::byte*>(tensor.mutable_data_ptr()), tensor.nbytes()};
}

}  // namespace cello
