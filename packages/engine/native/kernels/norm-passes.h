// The two passes of a residual sum and its norm, over contiguous tensors, on all threads.
//
// sum = x + y_scale * y, normed = norm(sum); all [... D], float32 or bfloat16 as norm.cc allows.
// Where mean is undefined it is a root-mean-square norm.
#pragma once

#include <ATen/core/Tensor.h>

namespace cello {

struct NormForwardTensors {
  at::Tensor x;
  at::Tensor y;        // undefined: sum is x
  at::Tensor y_scale;  // [B], float32; undefined: 1
  at::Tensor weight;   // [D], float32
  at::Tensor bias;     // [D], float32; undefined: 0
  at::Tensor sum;      // written
  at::Tensor normed;   // written
  at::Tensor mean;     // [rows], float32; written
  at::Tensor rstd;     // [rows], float32; written
};

void NormForwardPass(const NormForwardTensors& tensors, double epsilon);

struct NormBackwardTensors {
  at::Tensor d_sum;  // undefined: 0
  at::Tensor d_normed;
  at::Tensor sum;
  at::Tensor y_scale;
  at::Tensor weight;
  at::Tensor mean;
  at::Tensor rstd;
  at::Tensor dx;  // written
  at::Tensor dy;  // written, unless undefined
};

// Returns the gradients of weight and bias, [2 D], float32.
at::Tensor NormBackwardPass(const NormBackwardTensors& tensors, at::ScalarType y_type);

}  // namespace cello
