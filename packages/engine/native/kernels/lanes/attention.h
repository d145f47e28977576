// What attention does beside its matrix products. See AttentionKernels.
#pragma once

#include "lane-kernels.h"
#include "lane-math.h"

namespace cello::CELLO_LANES {

// x turned by the angles of `row`, which are those of its neighbouring pairs from channel c on.
inline Lanes Turned(Lanes x, const Rotation& rotation, int64_t row, int64_t c) {
  const Lanes crossed = NegateEven(SwapNeighbours(x));
  const Lanes cosine = LoadTwice(rotation.cosine[row] + c / 2);
  const Lanes sine = LoadTwice(rotation.sine[row] + c / 2);
  return x * cosine + crossed * sine;
}

inline Lanes TurnedBack(Lanes x, const Rotation& rotation, int64_t row, int64_t c) {
  const Lanes crossed = NegateEven(SwapNeighbours(x));
  const Lanes cosine = LoadTwice(rotation.cosine[row] + c / 2);
  const Lanes sine = LoadTwice(rotation.sine[row] + c / 2);
  return x * cosine - crossed * sine;
}

template <typename T>
void Gather(Rows<const T> from, int64_t tokens, int64_t channels, const Rotation& rotation,
            Rows<T> to) {
  const int64_t padded = RoundUp(channels, kColumnStep);
  for (int64_t i = 0; i < tokens; i++) {
    EachLanes(channels, [&](int64_t c, auto some) {
      Lanes x = Load(from[i] + c, some);
      if (rotation.cosine.data != nullptr) x = Turned(x, rotation, i, c);
      Store(to[i] + c, x, All{});  // there is room for whole lanes: `padded`
    });
    for (int64_t c = RoundUp(channels, kWidth); c < padded; c += kWidth) {
      Store(to[i] + c, Zero(), All{});
    }
  }
}

template <typename T>
void Scatter(Rows<const float> from, int64_t tokens, int64_t channels, const float* factor,
             const Rotation& rotation, Rows<T> to) {
  for (int64_t i = 0; i < tokens; i++) {
    const Lanes scale = Fill(factor == nullptr ? 1.0F : factor[i]);
    EachLanes(channels, [&](int64_t c, auto some) {
      Lanes x = Load(from[i] + c, some) * scale;
      if (rotation.cosine.data != nullptr) x = TurnedBack(x, rotation, i, c);
      Store(to[i] + c, x, some);
    });
  }
}

template <typename T>
void RotationGrad(Rows<const float> turned, Rows<const T> from, int64_t tokens, int64_t pairs,
                  Rows<float> d_cosine, Rows<float> d_sine) {
  for (int64_t i = 0; i < tokens; i++) {
    for (int64_t j = 0; j < pairs; j++) {
      T both[2] = {from[i][2 * j], from[i][2 * j + 1]};
      float x[2];
      for (int e = 0; e < 2; e++) {
        if constexpr (sizeof(T) == sizeof(float)) {
          x[e] = both[e];
        } else {
          x[e] = __builtin_bit_cast(float, static_cast<uint32_t>(both[e].bits) << 16);
        }
      }
      const float* d = turned[i] + 2 * j;
      d_cosine[i][j] += d[0] * x[0] + d[1] * x[1];
      d_sine[i][j] += d[1] * x[0] - d[0] * x[1];
    }
  }
}

template <typename T>
void Softmax(Rows<const float> scores, int64_t rows, int64_t keys, int64_t padded, float scale,
             float* maximum, float* sum, float* correction, Rows<T> p) {
  const Lanes factor = Fill(scale);
  for (int64_t r = 0; r < rows; r++) {
    const float* row = scores[r];
    Lanes largest = Fill(-__builtin_inff());
    EachLanes(keys, [&](int64_t j, auto some) {
      largest = Max(largest, Keep(Load(row + j, some), largest, some));
    });
    float top = Largest(largest) * scale;
    if (correction != nullptr && !(top > maximum[r])) top = maximum[r];
    const Lanes shift = Fill(top);
    const float before = sum[r];
    Lanes total = Zero();
    EachLanes(keys, [&](int64_t j, auto some) {
      const Lanes e = Keep(ExpBelow88(Load(row + j, some) * factor - shift), Zero(), some);
      total += e;
      Store(p[r] + j, e, All{});
    });
    for (int64_t j = RoundUp(keys, kWidth); j < padded; j += kWidth) {
      Store(p[r] + j, Zero(), All{});
    }
    sum[r] = Sum(total);
    if (correction != nullptr) {
      correction[r] = ExpBelow88(Fill(maximum[r] - top))[0];
      sum[r] += before * correction[r];
    }
    maximum[r] = top;
  }
}

inline void ScaleRows(Rows<float> x, int64_t rows, int64_t columns, const float* factor) {
  for (int64_t r = 0; r < rows; r++) {
    EachLanes(columns, [&](int64_t c, auto some) {
      Store(x[r] + c, Load(x[r] + c, some) * Fill(factor[r]), some);
    });
  }
}

template <typename T>
void RowDots(Rows<const T> a, Rows<const T> b, int64_t rows, int64_t columns, float* dots) {
  for (int64_t r = 0; r < rows; r++) {
    Lanes total = Zero();
    EachLanes(columns,
              [&](int64_t c, auto some) { total += Load(a[r] + c, some) * Load(b[r] + c, some); });
    dots[r] = Sum(total);
  }
}

struct PAndDs {
  Lanes p;
  Lanes ds;
};

template <typename Some>
inline PAndDs GradAt(const float* scores, const float* dp, const float* lse, const float* delta,
                     Lanes scale, Some some) {
  const Lanes p = Keep(ExpBelow88(Load(scores, some) * scale - Load(lse, some)), Zero(), some);
  const Lanes ds = p * scale * (Load(dp, some) - Load(delta, some));
  return {p, Keep(ds, Zero(), some)};
}

// Two keys at a time, because a word of the panel of Bf16 holds two.
template <typename T>
void SoftmaxGrad(Rows<const float> scores, Rows<const float> dp, int64_t keys, int64_t queries,
                 int64_t padded, float scale, const float* lse, const float* delta, Rows<T> p,
                 Rows<T> ds, Rows<float> ds_panel) {
  constexpr bool kIsFloat = sizeof(T) == sizeof(float);
  const Lanes factor = Fill(scale);
  const auto fill = [&](int64_t r, int64_t j, PAndDs low, PAndDs high, bool has_second) {
    Store(p[r] + j, low.p, All{});
    Store(ds[r] + j, low.ds, All{});
    if (has_second) {
      Store(p[r + 1] + j, high.p, All{});
      Store(ds[r + 1] + j, high.ds, All{});
    }
    if constexpr (!kIsFloat)
      StoreWords(ds_panel[r / 2] + j, Interleave(HalvesOf(low.ds), HalvesOf(high.ds)));
  };
  for (int64_t r = 0; r < keys; r += 2) {
    const bool has_second = r + 1 < keys;
    EachLanes(queries, [&](int64_t j, auto some) {
      const PAndDs low = GradAt(scores[r] + j, dp[r] + j, lse + j, delta + j, factor, some);
      PAndDs high = {Zero(), Zero()};
      if (has_second) {
        high = GradAt(scores[r + 1] + j, dp[r + 1] + j, lse + j, delta + j, factor, some);
      }
      fill(r, j, low, high, has_second);
    });
    for (int64_t j = RoundUp(queries, kWidth); j < padded; j += kWidth) {
      fill(r, j, {Zero(), Zero()}, {Zero(), Zero()}, has_second);
    }
  }
}

template <typename T>
constexpr AttentionKernels<T> AttentionTable() {
  return {Gather<T>, Scatter<T>, RotationGrad<T>, Softmax<T>,
          ScaleRows, RowDots<T>, SoftmaxGrad<T>};
}

}  // namespace cello::CELLO_LANES
