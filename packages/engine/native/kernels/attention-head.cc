// See attention-head.h.
#include "attention-head.h"

#include <algorithm>
#include <cmath>

#include "instruction-set.h"
#include "micro-gemm.h"
#include "scratch.h"

namespace cello {

namespace {

// Columns of scores made at once: 64 rows of them in float are 128 KB.
constexpr int64_t kScoreColumns = 512;
constexpr int64_t kKeyBlock = 64;

template <typename T>
constexpr int64_t kPerWord = sizeof(float) / sizeof(T);

// Distance of rows as wide as the tokens. Not a power of two, lest columns share cache lines.
int64_t TokenStride(int64_t tokens) { return RoundUp(tokens, 32) + 16; }

// Rows as the micro-kernels want them: turned, and with whole groups of channels. Where that is so
// already they are used where they lie.
template <typename T>
Rows<const T> Prepared(Rows<const T> from, int64_t tokens, int64_t channels,
                       const Rotation& rotation, Scratch& memory) {
  const int64_t padded = RoundUp(channels, kColumnStep);
  if (rotation.cosine.data == nullptr && padded == channels) return from;
  const Rows<T> to{memory.Get<T>(tokens * padded), padded};
  LanesOf<T>().attention.gather(from, tokens, channels, rotation, to);
  return to;
}

// The panel of x^T: its k are channels, its columns tokens.
template <typename T>
Rows<float> ChannelPanel(Rows<const T> x, int64_t tokens, int64_t channels, Scratch& memory) {
  const int64_t stride = TokenStride(tokens);
  const Rows<float> panel{memory.Get<float>(channels / kPerWord<T> * stride), stride};
  LanesOf<T>().pack.columns(x, channels, tokens, panel);
  return panel;
}

// The panel of x: its k are tokens, its columns channels.
template <typename T>
Rows<float> TokenPanel(Rows<const T> x, int64_t tokens, int64_t channels, Scratch& memory) {
  const int64_t padded = RoundUp(channels, kColumnStep);
  const Rows<float> panel{memory.Get<float>(CeilDivide(tokens, kPerWord<T>) * padded), padded};
  LanesOf<T>().pack.rows(x, tokens, channels, panel, nullptr);
  return panel;
}

// Scores of one block, float, and the same memory or other memory for what is made of them in T.
template <typename T>
Rows<T> InPlaceOr(Rows<float> scores, Scratch& memory, int64_t rows);
template <>
Rows<float> InPlaceOr(Rows<float> scores, Scratch&, int64_t) {
  return scores;
}
template <>
Rows<Bf16> InPlaceOr(Rows<float> scores, Scratch& memory, int64_t rows) {
  return {memory.Get<Bf16>(rows * scores.stride), scores.stride};
}

}  // namespace

template <typename T>
void HeadForward(const HeadShape& shape, const HeadInput<T>& input, int64_t begin, int64_t end,
                 Rows<T> out, float* lse) {
  thread_local Scratch key_memory, key_panel_memory, value_memory, query_memory;
  thread_local Scratch score_memory, weight_memory, mixed_memory;
  const AttentionKernels<T>& kernels = LanesOf<T>().attention;
  const int64_t channels = shape.padded_channels();
  const Rows<const T> k =
      Prepared<T>(input.k, shape.keys, shape.channels, input.rotation, key_memory);
  const Rows<float> key_panel = ChannelPanel<T>(k, shape.keys, channels, key_panel_memory);
  const Rows<float> value_panel = TokenPanel<T>(input.v, shape.keys, shape.channels, value_memory);
  const int64_t columns = TokenStride(std::min(shape.keys, kScoreColumns));
  const Rows<float> scores{score_memory.Get<float>(kQueryBlock * columns), columns};
  const Rows<T> weights = InPlaceOr<T>(scores, weight_memory, kQueryBlock);
  const Rows<float> mixed{mixed_memory.Get<float>(kQueryBlock * channels), channels};
  float largest[kQueryBlock];
  float sum[kQueryBlock];
  float correction[kQueryBlock];
  for (int64_t i = begin; i < end; i += kQueryBlock) {
    const int64_t rows = std::min(kQueryBlock, end - i);
    const Rows<const T> q = Prepared<T>({input.q[i], input.q.stride}, rows, shape.channels,
                                        input.rotation.From(i), query_memory);
    for (int64_t j = 0; j < shape.keys; j += kScoreColumns) {
      const int64_t keys = std::min(kScoreColumns, shape.keys - j);
      const int64_t padded = RoundUp(keys, kColumnStep);
      MicroGemm<T>(rows, padded, channels, q, key_panel.At(0, j), scores, false);
      kernels.softmax(scores, rows, keys, padded, shape.scale, largest, sum,
                      j > 0 ? correction : nullptr, weights);
      if (j > 0) kernels.scale_rows(mixed, rows, channels, correction);
      MicroGemm<T>(rows, channels, keys, weights, value_panel.At(j / kPerWord<T>, 0), mixed, j > 0);
    }
    for (int64_t r = 0; r < rows; r++) {
      lse[i + r] = largest[r] + std::log(sum[r]);
      sum[r] = 1.0F / sum[r];
    }
    kernels.scatter(mixed, rows, shape.channels, sum, {}, {out[i], out.stride});
  }
}

namespace {

// Everything of one head that a block of keys needs, and the memory for the block's own products.
template <typename T>
class BackwardHead {
 public:
  BackwardHead(const HeadShape& shape, const HeadInput<T>& input, Rows<const T> out,
               const float* lse, Rows<const T> g, const HeadGrads<T>& grads)
      : shape_(shape),
        input_(input),
        grads_(grads),
        lse_(lse),
        kernels_(LanesOf<T>().attention),
        channels_(shape.padded_channels()) {
    thread_local Scratch memory[18];
    Scratch* next = memory;
    const auto prepared = [&](Rows<const T> from, int64_t tokens, const Rotation& rotation) {
      return Prepared<T>(from, tokens, shape.channels, rotation, *next++);
    };
    const Rows<const T> q = prepared(input.q, shape.queries, input.rotation);
    const Rows<const T> g_padded = prepared(g, shape.queries, {});
    k_ = prepared(input.k, shape.keys, input.rotation);
    v_ = prepared(input.v, shape.keys, {});
    query_channels_ = ChannelPanel<T>(q, shape.queries, channels_, *next++);
    g_channels_ = ChannelPanel<T>(g_padded, shape.queries, channels_, *next++);
    query_tokens_ = TokenPanel<T>(q, shape.queries, channels_, *next++);
    g_tokens_ = TokenPanel<T>(g_padded, shape.queries, channels_, *next++);
    const int64_t key_stride = TokenStride(shape.keys);
    k_turned_ = {next->Get<T>(channels_ * key_stride), key_stride};
    next++;
    LanesOf<T>().matrix.transpose(k_, shape.keys, channels_, k_turned_, nullptr);
    delta_ = (next++)->Get<float>(shape.queries);
    kernels_.row_dots(g, out, shape.queries, shape.channels, delta_);
    const int64_t query_stride = TokenStride(shape.queries);
    dq_turned_ = {(next++)->Get<float>(channels_ * query_stride), query_stride};
    dq_ = {(next++)->Get<float>(shape.queries * channels_), channels_};
    dk_ = {(next++)->Get<float>(kKeyBlock * channels_), channels_};
    dv_ = {(next++)->Get<float>(kKeyBlock * channels_), channels_};
    const int64_t columns = TokenStride(std::min(shape.queries, kScoreColumns));
    scores_ = {(next++)->Get<float>(kKeyBlock * columns), columns};
    dp_ = {(next++)->Get<float>(kKeyBlock * columns), columns};
    weights_ = InPlaceOr<T>(scores_, *next++, kKeyBlock);
    ds_ = InPlaceOr<T>(dp_, *next++, kKeyBlock);
  }

  void Run() {
    for (int64_t j = 0; j < shape_.keys; j += kKeyBlock) {
      const int64_t keys = std::min(kKeyBlock, shape_.keys - j);
      for (int64_t i = 0; i < shape_.queries; i += kScoreColumns) {
        Block(j, keys, i, std::min(kScoreColumns, shape_.queries - i));
      }
      const Rotation rotation = input_.rotation.From(j);
      kernels_.scatter(dv_, keys, shape_.channels, nullptr, {}, {grads_.v[j], grads_.v.stride});
      kernels_.scatter(dk_, keys, shape_.channels, nullptr, rotation,
                       {grads_.k[j], grads_.k.stride});
      AddRotationGrad(dk_, {input_.k[j], input_.k.stride}, j, keys);
    }
    LanesOf<float>().matrix.store_transposed(dq_turned_, channels_, shape_.queries, dq_);
    kernels_.scatter(dq_, shape_.queries, shape_.channels, nullptr, input_.rotation, grads_.q);
    AddRotationGrad(dq_, input_.q, 0, shape_.queries);
  }

 private:
  // What keys [j, j + keys) and queries [i, i + queries) have to do with each other.
  void Block(int64_t j, int64_t keys, int64_t i, int64_t queries) {
    const int64_t padded = RoundUp(queries, kColumnStep);
    MicroGemm<T>(keys, padded, channels_, {k_[j], k_.stride}, query_channels_.At(0, i), scores_,
                 false);
    MicroGemm<T>(keys, padded, channels_, {v_[j], v_.stride}, g_channels_.At(0, i), dp_, false);
    const Rows<float> ds_panel = DsPanel();
    kernels_.softmax_grad(scores_, dp_, keys, queries, padded, shape_.scale, lse_ + i, delta_ + i,
                          weights_, ds_, ds_panel);
    const int64_t word = i / kPerWord<T>;
    MicroGemm<T>(keys, channels_, queries, weights_, g_tokens_.At(word, 0), dv_, i > 0);
    MicroGemm<T>(keys, channels_, queries, ds_, query_tokens_.At(word, 0), dk_, i > 0);
    MicroGemm<T>(channels_, padded, keys, {k_turned_[0] + j, k_turned_.stride}, ds_panel,
                 dq_turned_.At(0, i), j > 0);
  }

  // For float the panel is ds itself; for Bf16 the scores are done with, and make room.
  Rows<float> DsPanel() const { return kPerWord<T> == 1 ? dp_ : scores_; }

  void AddRotationGrad(Rows<const float> turned, Rows<const T> from, int64_t token,
                       int64_t tokens) {
    if (grads_.cosine.data == nullptr) return;
    kernels_.rotation_grad(turned, from, tokens, grads_.pairs, grads_.cosine.At(token, 0),
                           grads_.sine.At(token, 0));
  }

  const HeadShape shape_;
  const HeadInput<T>& input_;
  const HeadGrads<T>& grads_;
  const float* lse_;
  const AttentionKernels<T>& kernels_;
  const int64_t channels_;
  Rows<const T> k_, v_;
  Rows<float> query_channels_, g_channels_, query_tokens_, g_tokens_;
  Rows<T> k_turned_;          // [channels][keys]
  Rows<float> dq_turned_;     // [channels][queries]
  Rows<float> dq_, dk_, dv_;  // [tokens][channels]
  Rows<float> scores_, dp_;   // [keys][queries] of one block
  Rows<T> weights_, ds_;
  float* delta_;
};

}  // namespace

template <typename T>
void HeadBackward(const HeadShape& shape, const HeadInput<T>& input, Rows<const T> out,
                  const float* lse, Rows<const T> g, const HeadGrads<T>& grads) {
  BackwardHead<T>(shape, input, out, lse, g, grads).Run();
}

#define CELLO_ATTENTION_HEAD(T)                                                                  \
  template void HeadForward(const HeadShape&, const HeadInput<T>&, int64_t, int64_t, Rows<T>,    \
                            float*);                                                             \
  template void HeadBackward(const HeadShape&, const HeadInput<T>&, Rows<const T>, const float*, \
                             Rows<const T>, const HeadGrads<T>&);
CELLO_ATTENTION_HEAD(float)
CELLO_ATTENTION_HEAD(Bf16)
#undef CELLO_ATTENTION_HEAD

}  // namespace cello
