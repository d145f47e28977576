// Residual sum and normalisation of rows, in one pass over memory. See NormKernels.
#pragma once

#include "lane-kernels.h"
#include "lane-math.h"
#include "pack.h"

namespace cello::CELLO_LANES {

inline float ScaleOf(const NormShape& shape, int64_t row) {
  if (shape.y_scale == nullptr) return 1.0F;
  return shape.y_scale[(shape.first_row + row) / shape.rows_per_scale];
}

template <typename X, typename Y, typename N>
void NormForward(const NormShape& shape, const X* x, const Y* y, const float* weight,
                 const float* bias, X* sum, N* normed, float* mean, float* rstd) {
  const int64_t width = shape.width;
  for (int64_t r = 0; r < shape.rows; r++, x += width, normed += width) {
    const X* row = x;
    if (y != nullptr) {
      const Lanes scale = Fill(ScaleOf(shape, r));
      EachLanes(width, [&](int64_t j, auto some) {
        Store(sum + j, Load(x + j, some) + scale * Load(y + j, some), some);
      });
      row = sum;
      sum += width;
      y += width;
    }
    Lanes center = Zero();
    if (mean != nullptr) {
      Lanes total = Zero();
      EachLanes(width, [&](int64_t j, auto some) { total += Load(row + j, some); });
      mean[r] = Sum(total) / static_cast<float>(width);
      center = Fill(mean[r]);
    }
    Lanes squares = Zero();
    EachLanes(width, [&](int64_t j, auto some) {
      const Lanes d = Keep(Load(row + j, some) - center, Zero(), some);
      squares += d * d;
    });
    rstd[r] = 1.0F / __builtin_sqrtf(Sum(squares) / static_cast<float>(width) + shape.epsilon);
    const Lanes factor = Fill(rstd[r]);
    EachLanes(width, [&](int64_t j, auto some) {
      Lanes value = (Load(row + j, some) - center) * factor * Load(weight + j, some);
      if (bias != nullptr) value += Load(bias + j, some);
      Store(normed + j, value, some);
    });
  }
}

template <typename X, typename Y, typename N>
void NormBackward(const NormShape& shape, const X* d_sum, const N* d_normed, const X* sum,
                  const float* mean, const float* rstd, const float* weight, X* dx, Y* dy,
                  float* d_weight, float* d_bias) {
  const int64_t width = shape.width;
  const float per_element = 1.0F / static_cast<float>(width);
  for (int64_t r = 0; r < shape.rows; r++) {
    const int64_t at = r * width;
    const Lanes center = mean == nullptr ? Zero() : Fill(mean[r]);
    const Lanes factor = Fill(rstd[r]);
    Lanes total = Zero();
    Lanes projection = Zero();
    EachLanes(width, [&](int64_t j, auto some) {
      const Lanes x_hat = (Load(sum + at + j, some) - center) * factor;
      const Lanes d = Load(d_normed + at + j, some);
      AddTo(d_weight + j, d * x_hat, some);
      if (mean != nullptr) AddTo(d_bias + j, d, some);
      const Lanes weighted = d * Load(weight + j, some);  // 0 past the row's end
      total += weighted;
      projection += Keep(weighted * x_hat, Zero(), some);
    });
    const Lanes mean_total = mean == nullptr ? Zero() : Fill(Sum(total) * per_element);
    const Lanes mean_projection = Fill(Sum(projection) * per_element);
    const Lanes y_scale = Fill(ScaleOf(shape, r));
    EachLanes(width, [&](int64_t j, auto some) {
      const Lanes x_hat = (Load(sum + at + j, some) - center) * factor;
      const Lanes weighted = Load(d_normed + at + j, some) * Load(weight + j, some);
      Lanes d = factor * (weighted - mean_total - x_hat * mean_projection);
      if (d_sum != nullptr) d += Load(d_sum + at + j, some);
      Store(dx + at + j, d, some);
      if (dy != nullptr) Store(dy + at + j, y_scale * d, some);
    });
  }
}

template <typename X, typename Y, typename N>
constexpr NormKernels<X, Y, N> NormTable() {
  return {NormForward<X, Y, N>, NormBackward<X, Y, N>};
}

}  // namespace cello::CELLO_LANES
