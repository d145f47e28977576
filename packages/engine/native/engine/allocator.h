// The CPU allocator of every tensor: counts bytes, refuses what the machine cannot hold, and keeps
// freed blocks for the next step.
//
// Blocks come in classes, eight between powers of two, and a freed block waits in its class. Large
// blocks are mapped on their own, on huge pages where the system has them. Before more is taken
// from the system, blocks that wait in other classes are given back, so that what is reserved stays
// near the most that was ever live at once.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cello {

struct AllocatorOptions {
  bool is_caching;     // false: every block goes back to the system at once
  size_t cache_bytes;  // the most that blocks in waiting may hold
  size_t limit_bytes;  // the most that may be live
};

struct MemoryStats {
  uint64_t live_bytes = 0;      // asked for, and not yet freed
  uint64_t peak_bytes = 0;      // the most that was live since ResetPeak()
  uint64_t reserved_bytes = 0;  // taken from the system: live, rounded up, and in waiting
  uint64_t allocations = 0;     // since the start
};

// Makes it libtorch's CPU allocator, once for the process; later calls change nothing.
void InstallAllocator(const AllocatorOptions& options);

MemoryStats GetMemoryStats();
void ResetPeak();
void EmptyCache();

}  // namespace cello
