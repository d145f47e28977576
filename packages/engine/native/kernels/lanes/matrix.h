// Transposes of matrices, and results of micro-kernels put where they belong. See MatrixKernels.
#pragma once

#include "lane-kernels.h"
#include "lane-math.h"
#include "pack.h"

namespace cello::CELLO_LANES {

inline void TransposeRows(Rows<const float> from, int64_t rows, int64_t columns, Rows<float> to,
                          float* sums) {
  for (int64_t c = 0; c < columns; c += kWidth) {
    const int64_t width = columns - c < kWidth ? columns - c : kWidth;
    Lanes sum = Zero();
    for (int64_t r = 0; r < rows; r += kWidth) {
      const int64_t height = rows - r < kWidth ? rows - r : kWidth;
      Words block[kWidth];
      for (int64_t i = 0; i < kWidth; i++) {
        block[i] = i < height ? WordsAt<float>(from[r + i] + c, width) : AsWords(Zero());
        if (sums != nullptr) sum += AsLanes(block[i]);
      }
      Transpose(block);
      for (int64_t i = 0; i < width; i++) {
        if (height == kWidth) {
          StoreWords(to[c + i] + r, block[i]);
        } else {
          Store(to[c + i] + r, AsLanes(block[i]), First{height});
        }
      }
    }
    if (sums == nullptr) continue;
    if (width == kWidth) {
      AddTo(sums + c, sum, All{});
    } else {
      AddTo(sums + c, sum, First{width});
    }
  }
}

// Rows are taken in pairs, so that a word of the block is two neighbours of a row of the result.
inline void TransposeRows(Rows<const Bf16> from, int64_t rows, int64_t columns, Rows<Bf16> to,
                          float* sums) {
  for (int64_t c = 0; c < columns; c += kWidth) {
    const int64_t width = columns - c < kWidth ? columns - c : kWidth;
    Lanes sum = Zero();
    const auto row = [&](int64_t r) {
      if (r >= rows) return AsWords(Zero());
      return width == kWidth ? HalvesOf(from[r] + c, All{}) : HalvesOf(from[r] + c, First{width});
    };
    for (int64_t r = 0; r < rows; r += 2 * kWidth) {
      const int64_t pairs = rows - r < 2 * kWidth ? (rows - r + 1) / 2 : kWidth;
      Words block[kWidth];
      for (int64_t i = 0; i < kWidth; i++) {
        const Words low = row(r + 2 * i);
        const Words high = row(r + 2 * i + 1);
        if (sums != nullptr) sum += FromHalves(low) + FromHalves(high);
        block[i] = Interleave(low, high);
      }
      Transpose(block);
      for (int64_t i = 0; i < width; i++) {
        auto* words = reinterpret_cast<float*>(to[c + i] + r);
        if (pairs == kWidth) {
          StoreWords(words, block[i]);
        } else {
          Store(words, AsLanes(block[i]), First{pairs});
        }
      }
    }
    if (sums == nullptr) continue;
    if (width == kWidth) {
      AddTo(sums + c, sum, All{});
    } else {
      AddTo(sums + c, sum, First{width});
    }
  }
}

template <typename T>
void StoreRows(Rows<const float> from, int64_t rows, int64_t columns, const float* bias,
               Rows<T> to) {
  for (int64_t r = 0; r < rows; r++) {
    EachLanes(columns, [&](int64_t c, auto some) {
      Lanes x = Load(from[r] + c, some);
      if (bias != nullptr) x += Load(bias + c, some);
      Store(to[r] + c, x, some);
    });
  }
}

template <typename T>
void StoreTransposed(Rows<const float> from, int64_t rows, int64_t columns, Rows<T> to) {
  for (int64_t c = 0; c < columns; c += kWidth) {
    const int64_t width = columns - c < kWidth ? columns - c : kWidth;
    for (int64_t r = 0; r < rows; r += kWidth) {
      const int64_t height = rows - r < kWidth ? rows - r : kWidth;
      Words block[kWidth];
      for (int64_t i = 0; i < kWidth; i++) {
        block[i] = i < height ? WordsAt<float>(from[r + i] + c, width) : AsWords(Zero());
      }
      Transpose(block);
      for (int64_t i = 0; i < width; i++) {
        if (height == kWidth) {
          Store(to[c + i] + r, AsLanes(block[i]), All{});
        } else {
          Store(to[c + i] + r, AsLanes(block[i]), First{height});
        }
      }
    }
  }
}

template <typename T>
constexpr MatrixKernels<T> MatrixTable() {
  return {TransposeRows, StoreRows<T>, StoreTransposed<T>};
}

}  // namespace cello::CELLO_LANES
