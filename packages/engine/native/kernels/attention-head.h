// Attention of one head: softmax(scale q k^T) v and its gradients, on the calling thread.
//
// Scores are made a block at a time and stay in the cache: forward [queries][keys], with the
// running softmax of Milakov and Gimelshein 2018 ("Online normalizer calculation for softmax") over
// blocks of keys; backward [keys][queries], so that no block must be transposed. T is float or
// Bf16.
#pragma once

#include "lanes/lane-kernels.h"

namespace cello {

struct HeadShape {
  int64_t queries;
  int64_t keys;
  int64_t channels;
  float scale;

  int64_t padded_channels() const { return RoundUp(channels, kColumnStep); }
};

// Rows are tokens. The rotation turns queries and keys, and is for queries = keys.
template <typename T>
struct HeadInput {
  Rows<const T> q;
  Rows<const T> k;
  Rows<const T> v;
  Rotation rotation;
};

// Queries [begin, end), of which begin is a multiple of kQueryBlock: out [queries][channels], and
// lse [queries], the logarithm of each query's sum of e^score.
constexpr int64_t kQueryBlock = 64;
template <typename T>
void HeadForward(const HeadShape& shape, const HeadInput<T>& input, int64_t begin, int64_t end,
                 Rows<T> out, float* lse);

template <typename T>
struct HeadGrads {
  Rows<T> q;
  Rows<T> k;
  Rows<T> v;
  Rows<float> cosine;  // added to, [tokens][pairs]; null: not wanted
  Rows<float> sine;
  int64_t pairs;
};

// From the gradient g of out.
template <typename T>
void HeadBackward(const HeadShape& shape, const HeadInput<T>& input, Rows<const T> out,
                  const float* lse, Rows<const T> g, const HeadGrads<T>& grads);

}  // namespace cello
