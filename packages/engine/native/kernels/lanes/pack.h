// Panels for the micro-kernels, out of a matrix or its transpose. See PackKernels.
#pragma once

#include "lane-kernels.h"
#include "lane-math.h"

namespace cello::CELLO_LANES {

// kWidth words from memory: floats as they are; for panels of Bf16, pairs of neighbours.
template <typename D, typename S>
inline Words WordsAt(const S* from, int64_t elements);

template <>
inline Words WordsAt<float, float>(const float* from, int64_t elements) {
  if (elements >= kWidth) return LoadWords(from);
  return AsWords(Load(from, First{elements}));
}

template <>
inline Words WordsAt<Bf16, float>(const float* from, int64_t elements) {
  if (elements >= 2 * kWidth) {
    return PairWords(Load(from, All{}), Load(from + kWidth, All{}));
  }
  float some[2 * kWidth] = {};
  for (int64_t i = 0; i < elements; i++) some[i] = from[i];
  return PairWords(Load(some, All{}), Load(some + kWidth, All{}));
}

template <>
inline Words WordsAt<Bf16, Bf16>(const Bf16* from, int64_t elements) {
  if (elements >= 2 * kWidth) return LoadWords(from);
  Bf16 some[2 * kWidth] = {};
  for (int64_t i = 0; i < elements; i++) some[i] = from[i];
  return LoadWords(some);
}

template <typename D>
constexpr int64_t kPerWord = sizeof(float) / sizeof(D);

inline void AddTo(float* sums, Lanes x, First n) { Store(sums, Load(sums, n) + x, n); }
inline void AddTo(float* sums, Lanes x, All all) { Store(sums, Load(sums, all) + x, all); }

inline void ZeroColumns(float* row, int64_t begin, int64_t end) {
  for (int64_t j = begin; j < end; j++) row[j] = 0.0F;
}

template <typename S>
void PackRowsToFloat(Rows<const S> from, int64_t k, int64_t n, Rows<float> panel, float* sums) {
  for (int64_t i = 0; i < k; i++) {
    EachLanes(n, [&](int64_t j, auto some) {
      const Lanes x = Load(from[i] + j, some);
      Store(panel[i] + j, x, some);
      if (sums != nullptr) AddTo(sums + j, x, some);
    });
    ZeroColumns(panel[i], n, RoundUp(n, kColumnStep));
  }
}

template <typename S>
void PackRowsToBf16(Rows<const S> from, int64_t k, int64_t n, Rows<float> panel, float* sums) {
  for (int64_t i = 0; i < k; i += 2) {
    const bool has_second = i + 1 < k;
    float* to = panel[i / 2];
    EachLanes(n, [&](int64_t j, auto some) {
      const Words low = HalvesOf(from[i] + j, some);
      const Words high = has_second ? HalvesOf(from[i + 1] + j, some) : AsWords(Zero());
      Store(to + j, AsLanes(Interleave(low, high)), some);
      if (sums != nullptr) AddTo(sums + j, FromHalves(low) + FromHalves(high), some);
    });
    ZeroColumns(to, n, RoundUp(n, kColumnStep));
  }
}

template <typename S, typename D>
void PackRows(Rows<const S> from, int64_t k, int64_t n, Rows<float> panel, float* sums) {
  if constexpr (sizeof(D) == sizeof(float)) {
    PackRowsToFloat(from, k, n, panel, sums);
  } else {
    PackRowsToBf16(from, k, n, panel, sums);
  }
}

// Square blocks of kWidth words are transposed in registers.
template <typename S, typename D>
void PackColumns(Rows<const S> from, int64_t k, int64_t n, Rows<float> panel) {
  const int64_t words = (k + kPerWord<D> - 1) / kPerWord<D>;
  for (int64_t j = 0; j < RoundUp(n, kColumnStep); j += kWidth) {
    for (int64_t w = 0; w < words; w += kWidth) {
      const int64_t first = w * kPerWord<D>;
      Words block[kWidth];
      for (int64_t r = 0; r < kWidth; r++) {
        block[r] = j + r < n ? WordsAt<D>(from[j + r] + first, k - first) : AsWords(Zero());
      }
      Transpose(block);
      const int64_t count = words - w < kWidth ? words - w : kWidth;
      for (int64_t r = 0; r < count; r++) StoreWords(panel[w + r] + j, block[r]);
    }
  }
}

template <typename S, typename D>
constexpr PackKernels<S, D> PackTable() {
  return {PackRows<S, D>, PackColumns<S, D>};
}

}  // namespace cello::CELLO_LANES
