// Host memory whose pages stay where they are, so that a device can read it while the program goes
// on.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>

namespace cello {

// Memory that is page-locked for CUDA for as long as this lives; it must live longer. Where that
// cannot be, copies from it work all the same, but hold up the thread that asks for them.
class PageLock {
 public:
  // Asks the CUDA runtime that is loaded, if any. `release` is called when the memory is not
  // needed.
  PageLock(std::span<std::byte> bytes, std::function<void()> release);
  ~PageLock() { Unlock(); }
  PageLock(const PageLock&) = delete;
  PageLock& operator=(const PageLock&) = delete;

  void Unlock();
  // Why the pages are not locked; empty when they are.
  const std::string& why_not() const { return why_not_; }

 private:
  std::span<std::byte> bytes_;
  std::function<void()> release_;
  std::string why_not_;
};

}  // namespace cello
