// Memory straight from the system, for the allocator's blocks.
#pragma once

#include <cstddef>

namespace cello {

// From here on a block is a mapping of its own: it can go back to the system at any time.
constexpr size_t kMappedBytes = size_t{1} << 20;

// `bytes` at a multiple of 64, or null. Mapped blocks of 2 MiB and more lie on huge pages.
void* TakeFromSystem(size_t bytes);

// `bytes` as it was taken.
void GiveToSystem(void* block, size_t bytes);

}  // namespace cello
