// The sizes in which the allocator hands out memory.
#pragma once

#include <bit>
#include <cstddef>

namespace cello {

// Steps of 64 bytes to 512, then eight steps between powers of two: at most 1/8 is not used.
constexpr size_t ClassBytes(size_t bytes) {
  if (bytes <= 512) return (bytes + 63) & ~size_t{63};
  const size_t step = std::bit_floor(bytes - 1) / 8;
  return (bytes + step - 1) / step * step;
}

// The number of a class, from what its blocks hold: 0 for none, 8 for 512 bytes, 16 for 1024.
constexpr size_t ClassIndex(size_t class_bytes) {
  if (class_bytes <= 512) return class_bytes / 64;
  const auto power = static_cast<size_t>(std::bit_width(class_bytes - 1)) - 1;  // 9: 513 to 1024
  const size_t step = (size_t{1} << power) / 8;
  return 8 + (power - 9) * 8 + (class_bytes - (size_t{1} << power)) / step;
}

// All that a process can address.
constexpr size_t kMostBytes = size_t{1} << 47;
constexpr size_t kNumClasses = ClassIndex(kMostBytes) + 1;

static_assert(ClassBytes(1) == 64 && ClassBytes(512) == 512 && ClassBytes(513) == 576);
static_assert(ClassIndex(512) == 8 && ClassIndex(576) == 9 && ClassIndex(1024) == 16);
static_assert(ClassIndex(1152) == 17);

}  // namespace cello
