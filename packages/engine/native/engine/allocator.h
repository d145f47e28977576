// The CPU allocator of every tensor: counts bytes, refuses what the machine cannot hold, and keeps
// freed blocks for the next step.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cello {

struct AllocatorOptions {
  bool is_caching = true;       // false: every block goes back to the system at once
  size_t max_cached_bytes = 0;  // 0: half of limit_bytes
  size_t limit_bytes = 0;       // 0: the memory of the machine, or of its control group
};

struct MemoryStats {
  uint64_t live_bytes = 0;      // asked for, and not yet freed
  uint64_t peak_bytes = 0;      // the most that was live since ResetPeak()
  uint64_t reserved_bytes = 0;  // taken from the system: live, rounded up, and cached
  uint64_t allocations = 0;     // since the start
};

// Makes it libtorch's CPU allocator, once for the process; later calls change nothing.
void InstallAllocator(const AllocatorOptions& options);

MemoryStats GetMemoryStats();
void ResetPeak();
void EmptyCache();

}  // namespace cello
