// See norm-passes.h.
#include "norm-passes.h"

#include <ATen/Functions.h>

#include <algorithm>

#include "dense.h"
#include "instruction-set.h"
#include "workers.h"

namespace cello {

namespace {

constexpr int64_t kLeastTaskRows = 64;
constexpr int64_t kMostTasks = 64;

// Rows of a task: what is summed into one partial sum depends on the shape alone, never on which
// thread was free, so that the same step gives the same bits.
int64_t TaskRows(int64_t rows) { return std::max(kLeastTaskRows, CeilDivide(rows, kMostTasks)); }

template <typename X, typename Y, typename N>
const NormKernels<X, Y, N>& KernelsOf();
template <>
const NormKernels<float, float, float>& KernelsOf() {
  return ActiveLanes()->norm_float;
}
template <>
const NormKernels<float, float, Bf16>& KernelsOf() {
  return ActiveLanes()->norm_float_to_bf16;
}
template <>
const NormKernels<float, Bf16, float>& KernelsOf() {
  return ActiveLanes()->norm_add_bf16;
}
template <>
const NormKernels<float, Bf16, Bf16>& KernelsOf() {
  return ActiveLanes()->norm_add_bf16_to_bf16;
}
template <>
const NormKernels<Bf16, Bf16, Bf16>& KernelsOf() {
  return ActiveLanes()->norm_bf16;
}

template <typename X, typename Y, typename N>
struct Types {
  using x = X;
  using y = Y;
  using n = N;
};

// Calls body(Types<X, Y, N>{}) with the C++ types of the residual stream, of y and of the norm.
template <typename Body>
void ByTypes(at::ScalarType x, at::ScalarType y, at::ScalarType n, Body body) {
  if (x == at::kBFloat16) return body(Types<Bf16, Bf16, Bf16>{});
  if (y == at::kFloat && n == at::kFloat) return body(Types<float, float, float>{});
  if (y == at::kFloat) return body(Types<float, float, Bf16>{});
  if (n == at::kFloat) return body(Types<float, Bf16, float>{});
  return body(Types<float, Bf16, Bf16>{});
}

float* FloatsOrNull(const at::Tensor& tensor) {
  return tensor.defined() ? tensor.data_ptr<float>() : nullptr;
}

NormShape ShapeOf(const at::Tensor& x, double epsilon, const at::Tensor& y_scale) {
  const int64_t rows = x.numel() / x.size(-1);
  const int64_t rows_per_scale = y_scale.defined() ? rows / x.size(0) : 1;
  return {rows, x.size(-1), static_cast<float>(epsilon), FloatsOrNull(y_scale), rows_per_scale, 0};
}

// Calls body(shape of some rows, index of the first element, task) until all rows are done.
template <typename Body>
void EachBlock(const NormShape& shape, const Body& body) {
  const int64_t task_rows = TaskRows(shape.rows);
  RunWorkers(CeilDivide(shape.rows, task_rows), [&](TaskQueue& queue) {
    NormShape part = shape;
    for (int64_t task = queue.Next(); task >= 0; task = queue.Next()) {
      part.first_row = task * task_rows;
      part.rows = std::min(task_rows, shape.rows - part.first_row);
      body(part, part.first_row * shape.width, task);
    }
  });
}

template <typename T>
T* DataAt(const at::Tensor& tensor, int64_t element) {
  return tensor.defined() ? DataOf<T>(tensor) + element : nullptr;
}

}  // namespace

void NormForwardPass(const NormForwardTensors& t, double epsilon) {
  const NormShape shape = ShapeOf(t.x, epsilon, t.y_scale);
  const at::ScalarType y_type = t.y.defined() ? t.y.scalar_type() : t.x.scalar_type();
  ByTypes(t.x.scalar_type(), y_type, t.normed.scalar_type(), [&](auto types) {
    using X = typename decltype(types)::x;
    using Y = typename decltype(types)::y;
    using N = typename decltype(types)::n;
    EachBlock(shape, [&](const NormShape& part, int64_t at, int64_t) {
      KernelsOf<X, Y, N>().forward(
          part, DataAt<X>(t.x, at), DataAt<Y>(t.y, at), DataAt<float>(t.weight, 0),
          DataAt<float>(t.bias, 0), DataAt<X>(t.sum, at), DataAt<N>(t.normed, at),
          DataAt<float>(t.mean, part.first_row), DataAt<float>(t.rstd, part.first_row));
    });
  });
}

at::Tensor NormBackwardPass(const NormBackwardTensors& t, at::ScalarType y_type) {
  const NormShape shape = ShapeOf(t.sum, 0.0, t.y_scale);
  const int64_t tasks = CeilDivide(shape.rows, TaskRows(shape.rows));
  const at::Tensor grads = at::zeros({tasks, 2, shape.width}, at::kFloat);
  ByTypes(t.sum.scalar_type(), y_type, t.d_normed.scalar_type(), [&](auto types) {
    using X = typename decltype(types)::x;
    using Y = typename decltype(types)::y;
    using N = typename decltype(types)::n;
    EachBlock(shape, [&](const NormShape& part, int64_t at, int64_t task) {
      float* d_weight = DataOf<float>(grads) + task * 2 * shape.width;
      KernelsOf<X, Y, N>().backward(part, DataAt<X>(t.d_sum, at), DataAt<N>(t.d_normed, at),
                                    DataAt<X>(t.sum, at), DataAt<float>(t.mean, part.first_row),
                                    DataAt<float>(t.rstd, part.first_row),
                                    DataAt<float>(t.weight, 0), DataAt<X>(t.dx, at),
                                    DataAt<Y>(t.dy, at), d_weight, d_weight + shape.width);
    });
  });
  return grads.sum(0);
}

}  // namespace cello
