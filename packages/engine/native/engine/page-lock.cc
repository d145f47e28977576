#include "engine/page-lock.h"

#include <dlfcn.h>

#include <utility>

namespace cello {
namespace {

// The CUDA runtime by its C names: this addon is built without CUDA's headers, and libtorch's CUDA
// half, which is loaded on demand, has brought the runtime along.
constexpr unsigned kPortable = 1;  // cudaHostRegisterPortable: locked for every device
using Register = int (*)(void*, size_t, unsigned);
using Unregister = int (*)(void*);
using ErrorText = const char* (*)(int);
using LastError = int (*)();

template <typename Function>
Function Find(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, name));
}

std::string Explain(int error) {
  // It would be reported by the next, innocent call.
  if (const auto last_error = Find<LastError>("cudaGetLastError")) last_error();
  const auto text = Find<ErrorText>("cudaGetErrorString");
  return text == nullptr ? "CUDA error " + std::to_string(error) : text(error);
}

}  // namespace

PageLock::PageLock(std::span<std::byte> bytes, std::function<void()> release)
    : bytes_(bytes), release_(std::move(release)) {
  const auto lock = Find<Register>("cudaHostRegister");
  if (bytes.empty()) {
    why_not_ = "there are no bytes";
  } else if (lock == nullptr) {
    why_not_ = "no CUDA runtime is loaded";
  } else if (const int error = lock(bytes.data(), bytes.size(), kPortable)) {
    why_not_ = Explain(error);
  }
}

void PageLock::Unlock() {
  if (!release_) return;
  if (why_not_.empty()) {
    const auto unlock = Find<Unregister>("cudaHostUnregister");
    // As the process ends, CUDA may be gone before this: then so are its locks.
    if (unlock != nullptr && unlock(bytes_.data()) != 0) {
      if (const auto last_error = Find<LastError>("cudaGetLastError")) last_error();
    }
  }
  std::exchange(release_, nullptr)();
}

}  // namespace cello
