// Working memory of one thread, which is kept from call to call.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

namespace cello {

// Declare as `thread_local Scratch`. Starts at a page, so that panels do not share cache lines.
class Scratch {
 public:
  // Room for `count` elements of T. What was in it before is lost.
  template <typename T>
  T* Get(int64_t count) {
    const size_t bytes = (static_cast<size_t>(count) * sizeof(T) + kPage - 1) / kPage * kPage;
    if (bytes > bytes_) {
      memory_.reset();
      bytes_ = 0;
      memory_.reset(std::aligned_alloc(kPage, bytes));
      if (memory_ == nullptr) throw std::bad_alloc();
      bytes_ = bytes;
    }
    return static_cast<T*>(memory_.get());
  }

 private:
  static constexpr size_t kPage = 4096;

  struct Free {
    void operator()(void* memory) const { std::free(memory); }
  };

  std::unique_ptr<void, Free> memory_;
  size_t bytes_ = 0;
};

}  // namespace cello
