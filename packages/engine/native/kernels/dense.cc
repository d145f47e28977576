// See dense.h.
#include "dense.h"

#include <ATen/Functions.h>

#include <algorithm>

#include "instruction-set.h"
#include "workers.h"

namespace cello {

namespace {

// to [columns][rows], its rows `to.stride` apart, on all threads.
template <typename T>
void TransposeAll(int64_t rows, int64_t columns, Rows<const T> from, Rows<T> to, float* sums) {
  constexpr int64_t kStep = 32;
  const auto transpose = LanesOf<T>().matrix.transpose;
  RunWorkers(CeilDivide(columns, kStep), [&](TaskQueue& queue) {
    for (int64_t task = queue.Next(); task >= 0; task = queue.Next()) {
      const int64_t c = task * kStep;
      transpose({from.data + c, from.stride}, rows, std::min(kStep, columns - c),
                {to[c], to.stride}, sums == nullptr ? nullptr : sums + c);
    }
  });
}

template <typename T>
constexpr c10::ScalarType kScalarType = sizeof(T) == 4 ? at::kFloat : at::kBFloat16;

// dw [n][k] <- g^T x, as D; db [n] <- the sums of g's columns, unless db is null.
// One of the two operands must be transposed, so that its rows run along m: the narrower one. If
// that is x, the product is dw^T, and each tile is turned when it is stored.
template <typename T, typename D>
void DenseWeightGrad(int64_t m, int64_t n, int64_t k, Rows<const T> g, Rows<const T> x, D* dw,
                     float* db) {
  if (db != nullptr) std::fill_n(db, n, 0.0F);
  const bool turns_g = n <= k;
  const int64_t columns = turns_g ? n : k;
  // An uneven number of cache lines: rows a power of two apart would share a few of them.
  const int64_t stride = RoundUp(m, 64 / sizeof(T)) + 64 / sizeof(T);
  const at::Tensor turned = at::empty({columns, stride}, at::TensorOptions(kScalarType<T>));
  const Rows<T> a{DataOf<T>(turned), stride};
  TransposeAll<T>(m, columns, turns_g ? g : x, a, turns_g ? db : nullptr);
  const auto pack = LanesOf<T>().pack.rows;
  if (turns_g) {
    const auto store = LanesOf<D>().matrix.store;
    Matmul<T>(
        n, k, m, a,
        [&](const PanelRequest& request) {
          pack({x[request.k] + request.column, x.stride}, request.k_count, request.columns,
               request.panel, nullptr);
        },
        [&](const Tile& tile) {
          store(tile.values, tile.rows, tile.columns, nullptr,
                {dw + tile.row * k + tile.column, k});
        });
  } else {
    const auto store = LanesOf<D>().matrix.store_transposed;
    Matmul<T>(
        k, n, m, a,
        [&](const PanelRequest& request) {
          float* sums = db != nullptr && request.is_first ? db + request.column : nullptr;
          pack({g[request.k] + request.column, g.stride}, request.k_count, request.columns,
               request.panel, sums);
        },
        [&](const Tile& tile) {
          store(tile.values, tile.rows, tile.columns, {dw + tile.column * k + tile.row, k});
        });
  }
}

}  // namespace

Weight Weight::From(int64_t row, int64_t column) const {
  const int64_t elements = row * stride + column;
  return {static_cast<const char*>(data) + elements * (is_float ? 4 : 2), is_float, stride};
}

Weight WeightOf(const at::Tensor& tensor) {
  return {tensor.const_data_ptr(), tensor.scalar_type() == at::kFloat, tensor.size(1)};
}

template <>
float* DataOf<float>(const at::Tensor& tensor) {
  return tensor.data_ptr<float>();
}

template <>
Bf16* DataOf<Bf16>(const at::Tensor& tensor) {
  return reinterpret_cast<Bf16*>(tensor.data_ptr<at::BFloat16>());
}

template <typename T>
void PackTransposed(const Weight& weight, const PanelRequest& request) {
  const Weight part = weight.From(request.column, request.k);
  if (part.is_float) {
    const Rows<const float> from{static_cast<const float*>(part.data), part.stride};
    LanesOf<T>().pack_float.columns(from, request.k_count, request.columns, request.panel);
  } else {
    const Rows<const T> from{static_cast<const T*>(part.data), part.stride};
    LanesOf<T>().pack.columns(from, request.k_count, request.columns, request.panel);
  }
}

template <typename T>
void PackPlain(const Weight& weight, const PanelRequest& request) {
  const Weight part = weight.From(request.k, request.column);
  if (part.is_float) {
    const Rows<const float> from{static_cast<const float*>(part.data), part.stride};
    LanesOf<T>().pack_float.rows(from, request.k_count, request.columns, request.panel, nullptr);
  } else {
    const Rows<const T> from{static_cast<const T*>(part.data), part.stride};
    LanesOf<T>().pack.rows(from, request.k_count, request.columns, request.panel, nullptr);
  }
}

template <typename T>
void DenseForward(int64_t m, int64_t n, int64_t k, const T* x, const Weight& weight,
                  const float* bias, T* y) {
  const auto store = LanesOf<T>().matrix.store;
  Matmul<T>(
      m, n, k, {x, k}, [&](const PanelRequest& request) { PackTransposed<T>(weight, request); },
      [&](const Tile& tile) {
        store(tile.values, tile.rows, tile.columns, bias == nullptr ? nullptr : bias + tile.column,
              Rows<T>{y, n}.At(tile.row, tile.column));
      });
}

template <typename T>
void DenseInputGrad(int64_t m, int64_t n, int64_t k, const T* g, const Weight& weight, T* dx) {
  const auto store = LanesOf<T>().matrix.store;
  Matmul<T>(
      m, k, n, {g, n}, [&](const PanelRequest& request) { PackPlain<T>(weight, request); },
      [&](const Tile& tile) {
        store(tile.values, tile.rows, tile.columns, nullptr, {dx + tile.row * k + tile.column, k});
      });
}

template <typename T>
ParameterGrads DenseParameterGrads(int64_t m, Rows<const T> g, Rows<const T> x,
                                   const ParametersOf& parameters) {
  if (!parameters.wants_weight && !parameters.wants_bias) return {};
  const int64_t n = parameters.weight.size(0);
  const int64_t k = parameters.weight.size(1);
  at::Tensor dw = at::empty({n, k}, parameters.weight.options());
  at::Tensor db = parameters.wants_bias ? at::empty({n}, at::kFloat) : at::Tensor();
  float* sums = db.defined() ? DataOf<float>(db) : nullptr;
  if (dw.scalar_type() == at::kFloat) {
    DenseWeightGrad<T, float>(m, n, k, g, x, DataOf<float>(dw), sums);
  } else {
    DenseWeightGrad<T, T>(m, n, k, g, x, DataOf<T>(dw), sums);
  }
  if (db.defined()) db = db.to(*parameters.bias_type);
  return {parameters.wants_weight ? dw : at::Tensor(), db};
}

#define CELLO_DENSE(T)                                                                         \
  template void PackTransposed<T>(const Weight&, const PanelRequest&);                         \
  template void PackPlain<T>(const Weight&, const PanelRequest&);                              \
  template void DenseForward(int64_t, int64_t, int64_t, const T*, const Weight&, const float*, \
                             T*);                                                              \
  template void DenseInputGrad(int64_t, int64_t, int64_t, const T*, const Weight&, T*);        \
  template ParameterGrads DenseParameterGrads(int64_t, Rows<const T>, Rows<const T>,           \
                                              const ParametersOf&);
CELLO_DENSE(float)
CELLO_DENSE(Bf16)
#undef CELLO_DENSE

}  // namespace cello
