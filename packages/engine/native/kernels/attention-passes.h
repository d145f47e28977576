// Attention of all heads, forward and backward, on all threads.
//
// q, k, v and their like are [B H N d] in any order in memory, as long as channels are neighbours.
#pragma once

#include <ATen/core/Tensor.h>

namespace cello {

struct AttentionTensors {
  at::Tensor q;
  at::Tensor k;
  at::Tensor v;
  at::Tensor out;
  at::Tensor lse;  // [B H N], float32, contiguous
  // [B|1 H|1 N P], float32, contiguous, P half of the channels rounded up to 16; or undefined.
  at::Tensor cosine;
  at::Tensor sine;
  double scale = 1.0;
};

// Writes out and lse.
void AttentionForwardPass(const AttentionTensors& tensors);

struct AttentionGrads {
  at::Tensor q;
  at::Tensor k;
  at::Tensor v;
  // [B H N pairs], float32, contiguous, and zero; or undefined: not wanted.
  at::Tensor cosine;
  at::Tensor sine;
};

// Writes the gradients, from g, that of out.
void AttentionBackwardPass(const AttentionTensors& tensors, const at::Tensor& g,
                           const AttentionGrads& grads);

}  // namespace cello
