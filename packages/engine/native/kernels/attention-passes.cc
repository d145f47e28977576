// See attention-passes.h.
#include "attention-passes.h"

#include <algorithm>

#include "applies.h"
#include "attention-head.h"
#include "dense.h"
#include "micro-gemm.h"
#include "workers.h"

namespace cello {

namespace {

// The tokens of one head of x [B H N d].
template <typename T>
Rows<T> HeadOf(const at::Tensor& x, int64_t b, int64_t h) {
  if (!x.defined()) return {};
  return {DataOf<T>(x) + b * x.stride(0) + h * x.stride(1), x.stride(2)};
}

// The angles of one head, of a table [B|1 H|1 N P].
Rows<const float> AnglesOf(const at::Tensor& table, int64_t b, int64_t h) {
  if (!table.defined()) return {};
  return HeadOf<float>(table, table.size(0) == 1 ? 0 : b, table.size(1) == 1 ? 0 : h);
}

HeadShape ShapeOf(const AttentionTensors& t) {
  return {t.q.size(2), t.k.size(2), t.q.size(3), static_cast<float>(t.scale)};
}

template <typename T>
HeadInput<T> InputOf(const AttentionTensors& t, int64_t b, int64_t h) {
  return {HeadOf<T>(t.q, b, h), HeadOf<T>(t.k, b, h), HeadOf<T>(t.v, b, h),
          Rotation{AnglesOf(t.cosine, b, h), AnglesOf(t.sine, b, h)}};
}

// Few heads are cut into stretches of queries, so that each thread has some.
int64_t StretchesPerHead(int64_t heads, int64_t queries) {
  const int64_t wanted = CeilDivide(4 * at::get_num_threads(), heads);
  return std::max<int64_t>(1, std::min(wanted, queries / (2 * kQueryBlock)));
}

template <typename T>
void Forward(const AttentionTensors& t) {
  const HeadShape shape = ShapeOf(t);
  const int64_t num_heads = t.q.size(1);
  const int64_t heads = t.q.size(0) * num_heads;
  const int64_t stretches = StretchesPerHead(heads, shape.queries);
  const int64_t length = RoundUp(CeilDivide(shape.queries, stretches), kQueryBlock);
  RunWorkers(heads * stretches, [&](TaskQueue& queue) {
    for (int64_t task = queue.Next(); task >= 0; task = queue.Next()) {
      const int64_t head = task / stretches;
      const int64_t b = head / num_heads;
      const int64_t h = head % num_heads;
      const int64_t begin = task % stretches * length;
      const int64_t end = std::min(begin + length, shape.queries);
      HeadForward<T>(shape, InputOf<T>(t, b, h), begin, end, HeadOf<T>(t.out, b, h),
                     DataOf<float>(t.lse) + head * shape.queries);
    }
    ReleaseMicroGemm<T>();
  });
}

template <typename T>
void Backward(const AttentionTensors& t, const at::Tensor& g, const AttentionGrads& grads) {
  const HeadShape shape = ShapeOf(t);
  const int64_t num_heads = t.q.size(1);
  const int64_t pairs = grads.cosine.defined() ? grads.cosine.size(3) : 0;
  RunWorkers(t.q.size(0) * num_heads, [&](TaskQueue& queue) {
    for (int64_t head = queue.Next(); head >= 0; head = queue.Next()) {
      const int64_t b = head / num_heads;
      const int64_t h = head % num_heads;
      const HeadGrads<T> of_head{HeadOf<T>(grads.q, b, h),        HeadOf<T>(grads.k, b, h),
                                 HeadOf<T>(grads.v, b, h),        HeadOf<float>(grads.cosine, b, h),
                                 HeadOf<float>(grads.sine, b, h), pairs};
      HeadBackward<T>(shape, InputOf<T>(t, b, h), HeadOf<T>(t.out, b, h),
                      DataOf<float>(t.lse) + head * shape.queries, HeadOf<T>(g, b, h), of_head);
    }
    ReleaseMicroGemm<T>();
  });
}

}  // namespace

void AttentionForwardPass(const AttentionTensors& tensors) {
  ByType(tensors.q.scalar_type(), [&](auto element) { Forward<decltype(element)>(tensors); });
}

void AttentionBackwardPass(const AttentionTensors& tensors, const at::Tensor& g,
                           const AttentionGrads& grads) {
  ByType(tensors.q.scalar_type(),
         [&](auto element) { Backward<decltype(element)>(tensors, g, grads); });
}

}  // namespace cello
