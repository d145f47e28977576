#include "engine/allocator.h"

#include <c10/core/CPUAllocator.h>
#include <c10/util/Exception.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstdlib>
#include <mutex>
#include <string>
#include <vector>

namespace cello {
namespace {

constexpr size_t kHeaderBytes = 64;  // also the alignment of what a tensor gets
constexpr size_t kHugePage = size_t{2} << 20;

// Before each block. `class_bytes` is what the block can hold, without the header.
struct Header {
  size_t class_bytes;
  size_t asked_bytes;
};
static_assert(sizeof(Header) <= kHeaderBytes);

// Steps of 64 bytes to 512, then eight steps between powers of two: at most 1/8 is not used.
size_t ClassBytes(size_t bytes) {
  if (bytes <= 512) return (bytes + 63) & ~size_t{63};
  const size_t step = std::bit_floor(bytes - 1) / 8;
  return (bytes + step - 1) / step * step;
}

size_t ClassIndex(size_t class_bytes) {
  if (class_bytes <= 512) return class_bytes / 64;
  const auto power = static_cast<size_t>(std::bit_width(class_bytes - 1)) - 1;  // 9 for 513..1024
  const size_t step = (size_t{1} << power) / 8;
  return 8 + (power - 9) * 8 + (class_bytes - (size_t{1} << power)) / step;
}

constexpr size_t kNumClasses = 8 + (64 - 9) * 8 + 1;

class Allocator final : public c10::Allocator {
 public:
  explicit Allocator(const AllocatorOptions& options) : options_(options) {}

  c10::DataPtr allocate(size_t bytes) override {
    void* data = bytes == 0 ? nullptr : Take(bytes);
    return {data, data, &Delete, c10::Device(c10::kCPU)};
  }
  c10::DeleterFnPtr raw_deleter() const override { return &Delete; }
  void copy_data(void* to, const void* from, size_t bytes) const override {
    default_copy_data(to, from, bytes);
  }

  MemoryStats Stats() const {
    return {live_.load(), peak_.load(), reserved_.load(), allocations_.load()};
  }
  void ResetPeak() { peak_ = live_.load(); }
  void EmptyCache();

 private:
  static void Delete(void* data);
  void* Take(size_t bytes);
  void Give(void* data);
  Header* FromSystem(size_t class_bytes);
  void ToSystem(Header* header);
  [[noreturn]] void Refuse(size_t bytes);

  const AllocatorOptions options_;
  std::atomic<uint64_t> live_{0};
  std::atomic<uint64_t> peak_{0};
  std::atomic<uint64_t> reserved_{0};
  std::atomic<uint64_t> allocations_{0};
  std::mutex mutex_;  // guards the two below
  std::array<std::vector<Header*>, kNumClasses> cached_;
  size_t cached_bytes_ = 0;
};

Allocator* installed = nullptr;

void Allocator::Delete(void* data) {
  if (data != nullptr) installed->Give(data);
}

void Allocator::Refuse(size_t bytes) {
  const auto gib = [](uint64_t count) {
    std::string text = std::to_string(static_cast<double>(count) / (1 << 30));
    return text.substr(0, text.find('.') + 3) + " GiB";
  };
  TORCH_CHECK_WITH(OutOfMemoryError, false, "a tensor of ", gib(bytes), " does not fit: ",
                   gib(live_), " are in use, of at most ", gib(options_.limit_bytes));
}

void* Allocator::Take(size_t bytes) {
  if (bytes > options_.limit_bytes || live_ + bytes > options_.limit_bytes) Refuse(bytes);
  const size_t class_bytes = ClassBytes(bytes);
  Header* header = nullptr;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    auto& blocks = cached_[ClassIndex(class_bytes)];
    if (!blocks.empty()) {
      header = blocks.back();
      blocks.pop_back();
      cached_bytes_ -= class_bytes;
    }
  }
  if (header == nullptr) header = FromSystem(class_bytes);
  if (header == nullptr) {
    EmptyCache();
    header = FromSystem(class_bytes);
    if (header == nullptr) Refuse(bytes);
  }
  header->class_bytes = class_bytes;
  header->asked_bytes = bytes;
  const uint64_t live = live_.fetch_add(bytes) + bytes;
  uint64_t peak = peak_.load();
  while (live > peak && !peak_.compare_exchange_weak(peak, live)) {
  }
  ++allocations_;
  return reinterpret_cast<std::byte*>(header) + kHeaderBytes;
}

void Allocator::Give(void* data) {
  auto* header = reinterpret_cast<Header*>(static_cast<std::byte*>(data) - kHeaderBytes);
  live_ -= header->asked_bytes;
  if (options_.is_caching) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (cached_bytes_ + header->class_bytes <= options_.max_cached_bytes) {
      cached_[ClassIndex(header->class_bytes)].push_back(header);
      cached_bytes_ += header->class_bytes;
      return;
    }
  }
  ToSystem(header);
}

Header* Allocator::FromSystem(size_t class_bytes) {
  const size_t total = kHeaderBytes + class_bytes;
  void* block = nullptr;
  if (posix_memalign(&block, total >= kHugePage ? kHugePage : kHeaderBytes, total) != 0) {
    return nullptr;
  }
  if (total >= kHugePage) madvise(block, total / 4096 * 4096, MADV_HUGEPAGE);
  reserved_ += total;
  return static_cast<Header*>(block);
}

void Allocator::ToSystem(Header* header) {
  reserved_ -= kHeaderBytes + header->class_bytes;
  std::free(header);
}

void Allocator::EmptyCache() {
  std::vector<Header*> blocks;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (auto& of_class : cached_) {
      blocks.insert(blocks.end(), of_class.begin(), of_class.end());
      of_class.clear();
    }
    cached_bytes_ = 0;
  }
  for (Header* header : blocks) ToSystem(header);
}

size_t MachineBytes() {
  return static_cast<size_t>(sysconf(_SC_PHYS_PAGES)) *
         static_cast<size_t>(sysconf(_SC_PAGE_SIZE));
}

}  // namespace

void InstallAllocator(const AllocatorOptions& options) {
  static std::once_flag once;
  std::call_once(once, [&] {
    AllocatorOptions complete = options;
    if (complete.limit_bytes == 0) complete.limit_bytes = MachineBytes();
    if (complete.max_cached_bytes == 0) complete.max_cached_bytes = complete.limit_bytes / 2;
    installed = new Allocator(complete);  // never freed: tensors may outlive everything else
    c10::SetCPUAllocator(installed, /*priority=*/100);
  });
}

MemoryStats GetMemoryStats() { return installed == nullptr ? MemoryStats{} : installed->Stats(); }

void ResetPeak() {
  if (installed != nullptr) installed->ResetPeak();
}

void EmptyCache() {
  if (installed != nullptr) installed->EmptyCache();
}

}  // namespace cello
