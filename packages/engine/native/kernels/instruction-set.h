// Which of the compiled variants this machine runs. Chosen once, at run time, by asking the cpu.
#pragma once

#include <string>

#include "lanes/lane-kernels.h"

namespace cello {

// The best variant this cpu has, or the one a test asked for; null where there is none: then every
// operator takes its twin.
const LaneKernels* ActiveLanes();

// The kernels for T, float or Bf16. Only where ActiveLanes() is not null.
template <typename T>
const LaneKernelsOf<T>& LanesOf();

// Takes "avx512-bf16", "avx512", "avx2", "none" or "best", and returns the name of the one before.
// For tests. Not meant to be called while an operator runs on another thread.
std::string UseInstructionSet(const std::string& name);

}  // namespace cello
