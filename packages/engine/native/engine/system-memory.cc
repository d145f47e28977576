#include "engine/system-memory.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>

namespace cello {
namespace {

constexpr size_t kPage = 4096;
constexpr size_t kHugePage = size_t{2} << 20;

size_t RoundUp(size_t bytes, size_t step) { return (bytes + step - 1) / step * step; }

// Maps more than is asked for, and cuts off both ends, so that huge pages fit in.
void* MapAligned(size_t bytes) {
  const size_t room = bytes + kHugePage;
  void* mapped =
      mmap(nullptr, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, /*fd=*/-1, 0);
  if (mapped == MAP_FAILED) return nullptr;
  const auto start = reinterpret_cast<uintptr_t>(mapped);
  const uintptr_t aligned = RoundUp(start, kHugePage);
  if (aligned > start) munmap(mapped, aligned - start);
  const size_t tail = start + room - (aligned + bytes);
  if (tail > 0) munmap(reinterpret_cast<void*>(aligned + bytes), tail);
  void* block = reinterpret_cast<void*>(aligned);
  madvise(block, bytes, MADV_HUGEPAGE);
  return block;
}

}  // namespace

void* TakeFromSystem(size_t bytes) {
  if (bytes < kMappedBytes) return std::aligned_alloc(64, RoundUp(bytes, 64));
  const size_t pages = RoundUp(bytes, kPage);
  if (bytes >= kHugePage) return MapAligned(pages);
  void* mapped =
      mmap(nullptr, pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, /*fd=*/-1, 0);
  return mapped == MAP_FAILED ? nullptr : mapped;
}

void GiveToSystem(void* block, size_t bytes) {
  if (bytes < kMappedBytes) {
    std::free(block);
  } else {
    munmap(block, RoundUp(bytes, kPage));
  }
}

}  // namespace cello
