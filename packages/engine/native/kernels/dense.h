// The three products of a dense layer, on matrices in memory.
//
// All matrices are [rows][columns], contiguous along columns. T, float or Bf16, is what is
// multiplied; sums are kept in float. Weights [n][k] may be float where T is Bf16: they are rounded
// while they are packed, so that no copy of them is needed.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

#include "lanes/lane-kernels.h"
#include "matmul.h"

namespace cello {

// A weight [n][k], or part of one.
struct Weight {
  const void* data;
  bool is_float;
  int64_t stride;

  // The weight whose first row is this one's `row`, and whose first column its `column`.
  Weight From(int64_t row, int64_t column) const;
};

// tensor [n][k], contiguous, float32 or bfloat16.
Weight WeightOf(const at::Tensor& tensor);

template <typename T>
T* DataOf(const at::Tensor& tensor);

// Panels of the weight's transpose, for x [m][k] -> x w^T [m][n].
template <typename T>
void PackTransposed(const Weight& weight, const PanelRequest& request);

// Panels of the weight itself, for g [m][n] -> g w [m][k].
template <typename T>
void PackPlain(const Weight& weight, const PanelRequest& request);

// y [m][n] <- x [m][k] w^T + bias [n]; bias may be null.
template <typename T>
void DenseForward(int64_t m, int64_t n, int64_t k, const T* x, const Weight& weight,
                  const float* bias, T* y);

// dx [m][k] <- g [m][n] w.
template <typename T>
void DenseInputGrad(int64_t m, int64_t n, int64_t k, const T* g, const Weight& weight, T* dx);

// The gradients of a dense layer's parameters, in their own types; one that nobody wants is
// undefined.
struct ParameterGrads {
  at::Tensor weight;
  at::Tensor bias;
};

// What to compute: weight is [n][k], and bias, if there is one, is [n].
struct ParametersOf {
  const at::Tensor& weight;
  std::optional<at::ScalarType> bias_type;
  bool wants_weight;
  bool wants_bias;
};

template <typename T>
ParameterGrads DenseParameterGrads(int64_t m, Rows<const T> g, Rows<const T> x,
                                   const ParametersOf& parameters);

}  // namespace cello
