// What differs between instruction sets: loops over rows, compiled once for each of them.
//
// The matrix products are oneDNN's micro-kernels (micro-gemm.h), which choose their instructions
// themselves. Everything here works on plain memory, on the calling thread. T is float or Bf16.
//
// A "panel" is the second operand of a micro-kernel: rows of 32-bit words, one row for each k. A
// word is a float, or the Bf16 of k and that of k + 1: then there is one row for two k, and past an
// odd last k comes a zero. Columns past the last are zeros, up to a multiple of 16.
#pragma once

#include <cstdint>

#include "bf16.h"

namespace cello {

constexpr int64_t kColumnStep = 16;

constexpr int64_t CeilDivide(int64_t x, int64_t by) { return (x + by - 1) / by; }
constexpr int64_t RoundUp(int64_t x, int64_t step) { return CeilDivide(x, step) * step; }

// A matrix in memory: `stride` elements from one row to the next.
template <typename T>
struct Rows {
  T* data = nullptr;
  int64_t stride = 0;

  T* operator[](int64_t row) const { return data + row * stride; }

  // The matrix that begins at (row, column) of this one; none, where this one is none.
  Rows At(int64_t row, int64_t column) const {
    return {data == nullptr ? nullptr : data + row * stride + column, stride};
  }
  operator Rows<const T>() const { return {data, stride}; }
};

// Turns pairs of channels (2j, 2j + 1) of token i by the angle whose cosine and sine are given.
struct Rotation {
  Rows<const float> cosine;  // [tokens][channels / 2], channels rounded up to 16; null: no turn
  Rows<const float> sine;

  Rotation From(int64_t token) const {
    if (cosine.data == nullptr) return {};
    return {{cosine[token], cosine.stride}, {sine[token], sine.stride}};
  }
};

// From S in memory to a panel of D.
template <typename S, typename D>
struct PackKernels {
  // panel <- from[k][n]. Adds the sum over k of each column to sums [n], unless that is null.
  void (*rows)(Rows<const S> from, int64_t k, int64_t n, Rows<float> panel, float* sums);
  // panel <- from[n][k].
  void (*columns)(Rows<const S> from, int64_t k, int64_t n, Rows<float> panel);
};

template <typename T>
struct MatrixKernels {
  // to[c][r] <- from[r][c], with one zero more for an odd number of rows of Bf16.
  // Adds each column's sum to sums [columns], unless that is null.
  void (*transpose)(Rows<const T> from, int64_t rows, int64_t columns, Rows<T> to, float* sums);
  // to[r][c] <- from[r][c] + bias[c]; bias may be null.
  void (*store)(Rows<const float> from, int64_t rows, int64_t columns, const float* bias,
                Rows<T> to);
  // to[c][r] <- from[r][c].
  void (*store_transposed)(Rows<const float> from, int64_t rows, int64_t columns, Rows<T> to);
};

template <typename T>
struct ActivationKernels {
  // z <- x + bias (z.data may be null: not kept); h <- gelu(z). bias may be null.
  void (*gelu)(Rows<const float> x, int64_t rows, int64_t columns, const float* bias, Rows<T> z,
               Rows<T> h);
  // h <- gelu(z); dz <- dh * gelu'(z).
  void (*gelu_grad)(Rows<const float> dh, int64_t rows, int64_t columns, Rows<const T> z, Rows<T> h,
                    Rows<T> dz);
  // gate, up <- x + bias, where x holds gate's columns and, `up_offset` further, up's
  // (gate.data may be null: neither is kept); h <- silu(gate) * up.
  void (*swiglu)(Rows<const float> x, int64_t up_offset, int64_t rows, int64_t columns,
                 const float* gate_bias, const float* up_bias, Rows<T> gate, Rows<T> up, Rows<T> h);
  // h <- silu(gate) * up; d_gate, d_up <- their gradients.
  void (*swiglu_grad)(Rows<const float> dh, int64_t rows, int64_t columns, Rows<const T> gate,
                      Rows<const T> up, Rows<T> h, Rows<T> d_gate, Rows<T> d_up);
};

// One head of attention. Scores are [queries][keys] forward, and [keys][queries] backward.
template <typename T>
struct AttentionKernels {
  // to[i][c] <- from[i][c], turned; zeros in the channels up to the next multiple of 16.
  void (*gather)(Rows<const T> from, int64_t tokens, int64_t channels, const Rotation& rotation,
                 Rows<T> to);
  // to[i][c] <- factor[i] * from[i][c], turned back; factor may be null, for 1.
  void (*scatter)(Rows<const float> from, int64_t tokens, int64_t channels, const float* factor,
                  const Rotation& rotation, Rows<T> to);
  // Adds to d_cosine and d_sine [tokens][pairs] what `turned` [tokens][2 pairs], the gradient of
  // the turned channels of `from`, says of the angles.
  void (*rotation_grad)(Rows<const float> turned, Rows<const T> from, int64_t tokens, int64_t pairs,
                        Rows<float> d_cosine, Rows<float> d_sine);
  // One step of the softmax over blocks of keys: p <- e^(scale * scores - maximum), zeros up to
  // `padded` keys. Writes maximum [rows] and sum [rows]. With a correction [rows], it updates them,
  // and says by what the sum, and all that was added up so far, was to be multiplied: then the row
  // goes on from a block before. p may be the scores.
  void (*softmax)(Rows<const float> scores, int64_t rows, int64_t keys, int64_t padded, float scale,
                  float* maximum, float* sum, float* correction, Rows<T> p);
  // x[i][c] <- x[i][c] * factor[i].
  void (*scale_rows)(Rows<float> x, int64_t rows, int64_t columns, const float* factor);
  // dots[i] <- a[i] . b[i].
  void (*row_dots)(Rows<const T> a, Rows<const T> b, int64_t rows, int64_t columns, float* dots);
  // p <- e^(scale * scores - lse), ds <- scale * p * (dp - delta), zeros up to `padded` queries;
  // lse and delta are [queries]. ds_panel is ds again, as a panel whose k are the keys; for float
  // it is ds itself, and ignored. p may be the scores, and ds may be dp.
  void (*softmax_grad)(Rows<const float> scores, Rows<const float> dp, int64_t keys,
                       int64_t queries, int64_t padded, float scale, const float* lse,
                       const float* delta, Rows<T> p, Rows<T> ds, Rows<float> ds_panel);
};

// Rows for one normalisation: matrices [rows][width], contiguous, and sum = x + y_scale * y.
struct NormShape {
  int64_t rows;
  int64_t width;
  float epsilon;
  const float* y_scale;    // null: 1
  int64_t rows_per_scale;  // neighbouring rows with the same y_scale
  int64_t first_row;       // how many rows of the tensor come before these
};

// X: the residual stream; Y: what is added to it; N: the normed result. mean and bias are null for
// a root-mean-square norm.
template <typename X, typename Y, typename N>
struct NormKernels {
  // sum <- x + y_scale * y (y null: sum is x, and not written);
  // normed <- (sum - mean) * rstd * weight + bias; writes mean [rows] and rstd [rows].
  void (*forward)(const NormShape& shape, const X* x, const Y* y, const float* weight,
                  const float* bias, X* sum, N* normed, float* mean, float* rstd);
  // dx <- d_sum (null: 0) + what d_normed says of the sum; dy <- y_scale * dx (null: not wanted).
  // Adds to d_weight [width] and, where there is a mean, to d_bias [width].
  void (*backward)(const NormShape& shape, const X* d_sum, const N* d_normed, const X* sum,
                   const float* mean, const float* rstd, const float* weight, X* dx, Y* dy,
                   float* d_weight, float* d_bias);
};

// The numbers of one AdamW step.
struct AdamwStep {
  float beta1;
  float beta2;
  float one_minus_beta1;
  float one_minus_beta2;
  float epsilon;
  float keep;          // 1 - learning rate * weight decay
  float step_size;     // learning rate / (1 - beta1^t)
  float root_of_bias;  // sqrt(1 - beta2^t)
  float grad_scale;    // by which the gradient is multiplied first
};

template <typename T>
struct LaneKernelsOf {
  MatrixKernels<T> matrix;
  ActivationKernels<T> activation;
  AttentionKernels<T> attention;
  PackKernels<T, T> pack;
  PackKernels<float, T> pack_float;
  // One AdamW step of `count` parameters, with gradients of T.
  void (*adamw)(const AdamwStep& step, int64_t count, float* parameter, const T* gradient,
                float* exp_avg, float* exp_avg_sq);
};

struct LaneKernels {
  const char* name;
  LaneKernelsOf<float> f32;
  LaneKernelsOf<Bf16> bf16;
  NormKernels<float, float, float> norm_float;
  NormKernels<float, float, Bf16> norm_float_to_bf16;
  NormKernels<float, Bf16, float> norm_add_bf16;
  NormKernels<float, Bf16, Bf16> norm_add_bf16_to_bf16;
  NormKernels<Bf16, Bf16, Bf16> norm_bf16;
};

}  // namespace cello
