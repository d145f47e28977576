// See instruction-set.h.
#include "instruction-set.h"

#include <c10/util/Exception.h>
#include <torch/library.h>

#include <atomic>
#include <vector>

#if defined(__x86_64__)
#include "lanes/tables.h"
#endif

namespace cello {

namespace {

// What this cpu (and its operating system) can run, best first.
std::vector<const LaneKernels*> Supported() {
  std::vector<const LaneKernels*> supported;
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") &&
                      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512vl");
  if (avx512 && __builtin_cpu_supports("avx512bf16")) supported.push_back(&kAvx512Bf16);
  if (avx512) supported.push_back(&kAvx512);
  if (avx2) supported.push_back(&kAvx2);
#endif
  return supported;
}

const LaneKernels* Best() {
  const auto supported = Supported();
  return supported.empty() ? nullptr : supported.front();
}

std::atomic<const LaneKernels*>& Active() {
  static std::atomic<const LaneKernels*> active{Best()};
  return active;
}

const char* NameOf(const LaneKernels* kernels) {
  return kernels == nullptr ? "none" : kernels->name;
}

}  // namespace

const LaneKernels* ActiveLanes() { return Active().load(std::memory_order_relaxed); }

template <>
const LaneKernelsOf<float>& LanesOf<float>() {
  return ActiveLanes()->f32;
}

template <>
const LaneKernelsOf<Bf16>& LanesOf<Bf16>() {
  return ActiveLanes()->bf16;
}

std::string UseInstructionSet(const std::string& name) {
  const std::string before = NameOf(ActiveLanes());
  if (name == "none" || name == "best") {
    Active() = name == "none" ? nullptr : Best();
    return before;
  }
  std::string names = "none";
  for (const LaneKernels* kernels : Supported()) {
    if (name == kernels->name) {
      Active() = kernels;
      return before;
    }
    names += std::string(", ") + kernels->name;
  }
  TORCH_CHECK_VALUE(false, "this machine has the instruction sets ", names, "; got '", name, "'");
}

TORCH_LIBRARY_FRAGMENT(cello, library) {
  library.def("use_instruction_set(str name) -> str", UseInstructionSet);
}

}  // namespace cello
