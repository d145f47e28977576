// GELU and SwiGLU on what a micro-kernel has just left in the cache. See ActivationKernels.
//
// z, gate and up are rounded to T before they are used, so that the backward pass, which has only
// the rounded ones, differentiates the function that the forward pass computed.
#pragma once

#include "lane-kernels.h"
#include "lane-math.h"

namespace cello::CELLO_LANES {

template <typename T>
inline Lanes Rounded(Lanes x);
template <>
inline Lanes Rounded<float>(Lanes x) {
  return x;
}
template <>
inline Lanes Rounded<Bf16>(Lanes x) {
  return FromBf16(ToBf16(x));
}

template <typename Some>
inline Lanes LoadBias(const float* bias, int64_t c, Some some) {
  return bias == nullptr ? Zero() : Load(bias + c, some);
}

template <typename T>
void Gelu(Rows<const float> x, int64_t rows, int64_t columns, const float* bias, Rows<T> z,
          Rows<T> h) {
  for (int64_t r = 0; r < rows; r++) {
    EachLanes(columns, [&](int64_t c, auto some) {
      const Lanes value = Rounded<T>(Load(x[r] + c, some) + LoadBias(bias, c, some));
      if (z.data != nullptr) Store(z[r] + c, value, some);
      Store(h[r] + c, value * NormalAt(value).cdf, some);
    });
  }
}

template <typename T>
void GeluGrad(Rows<const float> dh, int64_t rows, int64_t columns, Rows<const T> z, Rows<T> h,
              Rows<T> dz) {
  for (int64_t r = 0; r < rows; r++) {
    EachLanes(columns, [&](int64_t c, auto some) {
      const Lanes value = Load(z[r] + c, some);
      const Normal normal = NormalAt(value);
      Store(h[r] + c, value * normal.cdf, some);
      Store(dz[r] + c, Load(dh[r] + c, some) * (value * normal.density + normal.cdf), some);
    });
  }
}

template <typename T>
void Swiglu(Rows<const float> x, int64_t up_offset, int64_t rows, int64_t columns,
            const float* gate_bias, const float* up_bias, Rows<T> gate, Rows<T> up, Rows<T> h) {
  for (int64_t r = 0; r < rows; r++) {
    EachLanes(columns, [&](int64_t c, auto some) {
      const float* from = x[r] + c;
      const Lanes g = Rounded<T>(Load(from, some) + LoadBias(gate_bias, c, some));
      const Lanes u = Rounded<T>(Load(from + up_offset, some) + LoadBias(up_bias, c, some));
      if (gate.data != nullptr) {
        Store(gate[r] + c, g, some);
        Store(up[r] + c, u, some);
      }
      Store(h[r] + c, g * Sigmoid(g) * u, some);
    });
  }
}

template <typename T>
void SwigluGrad(Rows<const float> dh, int64_t rows, int64_t columns, Rows<const T> gate,
                Rows<const T> up, Rows<T> h, Rows<T> d_gate, Rows<T> d_up) {
  for (int64_t r = 0; r < rows; r++) {
    EachLanes(columns, [&](int64_t c, auto some) {
      const Lanes d = Load(dh[r] + c, some);
      const Lanes g = Load(gate[r] + c, some);
      const Lanes u = Load(up[r] + c, some);
      const Lanes s = Sigmoid(g);
      const Lanes silu = g * s;
      Store(h[r] + c, silu * u, some);
      Store(d_up[r] + c, d * silu, some);
      Store(d_gate[r] + c, d * u * (s + silu * (Fill(1.0F) - s)), some);
    });
  }
}

template <typename T>
constexpr ActivationKernels<T> ActivationTable() {
  return {Gelu<T>, GeluGrad<T>, Swiglu<T>, SwigluGrad<T>};
}

}  // namespace cello::CELLO_LANES
