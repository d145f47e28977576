// The table of one instruction set: every kernel, for float and Bf16.
#pragma once

#include "activation.h"
#include "adamw.h"
#include "attention.h"
#include "lane-kernels.h"
#include "matrix.h"
#include "norm.h"
#include "pack.h"

namespace cello::CELLO_LANES {

template <typename T>
constexpr LaneKernelsOf<T> TableOf() {
  return {MatrixTable<T>(),  ActivationTable<T>(),  AttentionTable<T>(),
          PackTable<T, T>(), PackTable<float, T>(), Adamw<T>};
}

constexpr LaneKernels Table(const char* name) {
  return {name,
          TableOf<float>(),
          TableOf<Bf16>(),
          NormTable<float, float, float>(),
          NormTable<float, float, Bf16>(),
          NormTable<float, Bf16, float>(),
          NormTable<float, Bf16, Bf16>(),
          NormTable<Bf16, Bf16, Bf16>()};
}

}  // namespace cello::CELLO_LANES
