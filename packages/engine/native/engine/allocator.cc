#include "engine/allocator.h"

#include <c10/core/CPUAllocator.h>
#include <c10/util/Exception.h>
#include <malloc.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <string>
#include <vector>

#include "engine/available-memory.h"
#include "engine/size-class.h"
#include "engine/system-memory.h"

namespace cello {
namespace {

// Before each block, at a distance that keeps what a tensor gets aligned.
constexpr size_t kHeaderBytes = 64;
struct Header {
  size_t class_bytes;  // what the block can hold, without the header
  size_t asked_bytes;
};
static_assert(sizeof(Header) <= kHeaderBytes);

// What may be reserved beyond the peak before blocks in waiting are given back.
constexpr size_t kSlackBytes = size_t{64} << 20;

// Blocks from this size on are only taken when the machine has as much to give.
constexpr size_t kCheckedBytes = size_t{256} << 20;

// Freed blocks of one class.
struct Waiting {
  std::vector<Header*> blocks;
  uint64_t last_used = 0;
};

class Allocator final : public c10::Allocator {
 public:
  explicit Allocator(const AllocatorOptions& options) : options_(options) {
    options_.limit_bytes = std::min(options_.limit_bytes, kMostBytes);
  }

  c10::DataPtr allocate(size_t bytes) override {
    void* data = bytes == 0 ? nullptr : Take(bytes);
    return {data, data, &Delete, c10::Device(c10::kCPU)};
  }
  c10::DeleterFnPtr raw_deleter() const override { return &Delete; }
  void copy_data(void* to, const void* from, size_t bytes) const override {
    default_copy_data(to, from, bytes);
  }

  MemoryStats Stats() const { return {live_, peak_, reserved_, allocations_}; }
  void ResetPeak() { peak_ = live_.load(); }
  void EmptyCache();

 private:
  static void Delete(void* data);
  void* Take(size_t bytes);
  void Give(void* data);

  Header* FromWaiting(size_t class_bytes);
  Header* FromSystem(size_t class_bytes);
  void ToSystem(Header* header);
  // Gives blocks in waiting back, those of the class that was used longest ago first, until
  // `wanted_bytes` more keep what is reserved near the peak. With the lock held.
  void MakeRoom(size_t wanted_bytes);
  [[noreturn]] void Refuse(size_t bytes) const;

  AllocatorOptions options_;
  std::atomic<uint64_t> live_{0};
  std::atomic<uint64_t> peak_{0};  // since ResetPeak()
  std::atomic<uint64_t> reserved_{0};
  std::atomic<uint64_t> allocations_{0};
  std::mutex mutex_;  // guards what follows
  std::array<Waiting, kNumClasses> waiting_;
  uint64_t waiting_bytes_ = 0;
  uint64_t most_live_ = 0;  // ever
  uint64_t clock_ = 0;
};

Allocator* installed = nullptr;

void Allocator::Delete(void* data) {
  if (data != nullptr) installed->Give(data);
}

void Allocator::Refuse(size_t bytes) const {
  const auto gib = [](uint64_t count) {
    const std::string text = std::to_string(static_cast<double>(count) / (1 << 30));
    return text.substr(0, text.find('.') + 3) + " GiB";
  };
  TORCH_CHECK_WITH(OutOfMemoryError, false, "a tensor of ", gib(bytes),
                   " does not fit: ", gib(live_), " are in use, of at most ",
                   gib(options_.limit_bytes), "; the machine has ", gib(AvailableBytes()), " left");
}

void* Allocator::Take(size_t bytes) {
  if (bytes > options_.limit_bytes) Refuse(bytes);
  uint64_t live = live_;
  do {
    if (live > options_.limit_bytes - bytes) Refuse(bytes);
  } while (!live_.compare_exchange_weak(live, live + bytes));
  live += bytes;
  const size_t class_bytes = ClassBytes(bytes);
  Header* header = FromWaiting(class_bytes);
  if (header == nullptr) header = FromSystem(class_bytes);
  if (header == nullptr) {
    live_ -= bytes;
    Refuse(bytes);
  }
  header->class_bytes = class_bytes;
  header->asked_bytes = bytes;
  uint64_t peak = peak_.load(std::memory_order_relaxed);
  while (live > peak && !peak_.compare_exchange_weak(peak, live)) {
  }
  allocations_.fetch_add(1, std::memory_order_relaxed);
  return reinterpret_cast<std::byte*>(header) + kHeaderBytes;
}

void Allocator::Give(void* data) {
  auto* header = reinterpret_cast<Header*>(static_cast<std::byte*>(data) - kHeaderBytes);
  live_ -= header->asked_bytes;
  if (options_.is_caching) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (waiting_bytes_ + header->class_bytes <= options_.cache_bytes) {
      Waiting& waiting = waiting_[ClassIndex(header->class_bytes)];
      waiting.blocks.push_back(header);
      waiting.last_used = ++clock_;
      waiting_bytes_ += header->class_bytes;
      return;
    }
  }
  ToSystem(header);
}

Header* Allocator::FromWaiting(size_t class_bytes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Waiting& waiting = waiting_[ClassIndex(class_bytes)];
  if (!waiting.blocks.empty()) {
    Header* header = waiting.blocks.back();
    waiting.blocks.pop_back();
    waiting.last_used = ++clock_;
    waiting_bytes_ -= class_bytes;
    return header;
  }
  most_live_ = std::max<uint64_t>(most_live_, live_);
  if (class_bytes >= kMappedBytes) MakeRoom(class_bytes);
  return nullptr;
}

Header* Allocator::FromSystem(size_t class_bytes) {
  const size_t total = kHeaderBytes + class_bytes;
  // The kernel promises more than it has, and ends processes when they come for it.
  const bool is_there = total < kCheckedBytes || total <= AvailableBytes();
  void* block = is_there ? TakeFromSystem(total) : nullptr;
  if (block == nullptr) {
    EmptyCache();
    if (total >= kCheckedBytes && total > AvailableBytes()) return nullptr;
    block = TakeFromSystem(total);
    if (block == nullptr) return nullptr;
  }
  reserved_ += total;
  return static_cast<Header*>(block);
}

void Allocator::ToSystem(Header* header) {
  const size_t total = kHeaderBytes + header->class_bytes;
  reserved_ -= total;
  GiveToSystem(header, total);
}

void Allocator::MakeRoom(size_t wanted_bytes) {
  const uint64_t allowed = most_live_ + kSlackBytes;
  while (reserved_ + wanted_bytes > allowed) {
    Waiting* oldest = nullptr;
    for (size_t i = ClassIndex(kMappedBytes); i < kNumClasses; ++i) {
      Waiting& waiting = waiting_[i];
      if (waiting.blocks.empty()) continue;
      if (oldest == nullptr || waiting.last_used < oldest->last_used) oldest = &waiting;
    }
    if (oldest == nullptr) return;
    Header* header = oldest->blocks.back();
    oldest->blocks.pop_back();
    waiting_bytes_ -= header->class_bytes;
    ToSystem(header);
  }
}

void Allocator::EmptyCache() {
  std::vector<Header*> blocks;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (Waiting& waiting : waiting_) {
      blocks.insert(blocks.end(), waiting.blocks.begin(), waiting.blocks.end());
      waiting.blocks = {};
    }
    waiting_bytes_ = 0;
  }
  for (Header* header : blocks) ToSystem(header);
  malloc_trim(0);
}

}  // namespace

void InstallAllocator(const AllocatorOptions& options) {
  static std::once_flag once;
  std::call_once(once, [&] {
    installed = new Allocator(options);  // never freed: tensors may outlive everything else
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
