// Moving bytes between tensors and memory that is not a tensor's.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <span>
#include <vector>

namespace cello {

// A CPU tensor over `bytes`, without a copy; `release` is called when nothing needs them any more.
// Throws std::invalid_argument when the shape needs another number of bytes, or the address is not
// a multiple of the dtype's size.
at::Tensor TensorOver(std::span<std::byte> bytes, at::ScalarType dtype,
                      const std::vector<int64_t>& shape, std::function<void()> release);

// A new tensor on `device` with a copy of `bytes`.
at::Tensor TensorFrom(std::span<const std::byte> bytes, at::ScalarType dtype,
                      const std::vector<int64_t>& shape, c10::Device device);

// Writes the elements as `dtype`, row-major, into `target`, which must have just as many bytes.
void CopyOut(const at::Tensor& tensor, at::ScalarType dtype, std::span<std::byte> target);

// The memory of a contiguous CPU tensor. From here on its storage can not be resized, so that the
// memory stays where it is for as long as the storage lives.
std::span<std::byte> PinnedBytes(const at::Tensor& tensor);

}  // namespace cello
