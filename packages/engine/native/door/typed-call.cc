#include "door/typed-call.h"

#include <string>
#include <unordered_map>

#include "door/typed-arguments.h"

namespace cello::door {
namespace {

template <typename Signature>
struct Typed;

template <typename R, typename... Args>
struct Typed<R(Args...)> {
  using Handle = c10::TypedOperatorHandle<R(Args...)>;
  static constexpr size_t kCount = sizeof...(Args);

  static std::string Signature() {
    std::string text;
    ((text += (text.empty() ? "" : ", ") + std::string(Arg<Args>::kType)), ...);
    return text + " -> " + Result<R>::Type();
  }

  static bool Bind(BoundOperator& bound) {
    try {
      bound.typed = std::make_shared<Handle>(bound.op.handle.typed<R(Args...)>());
      return true;
    } catch (const c10::Error&) {
      return false;  // the same schema, registered with another C++ type
    }
  }

  template <size_t... I>
  static napi_value Run(const BoundOperator& bound, const napi_value* values,
                        std::index_sequence<I...>) {
    Engine& engine = bound.engine;
    // Braces: arguments are read from the first to the last.
    std::tuple<typename Arg<Args>::Holder...> held{
        Arg<Args>::Read(engine, values[I], bound.op.parameters[I])...};
    const auto& handle = *static_cast<const Handle*>(bound.typed.get());
    return Result<R>::Make(engine, handle.call(Arg<Args>::Pass(std::get<I>(held))...), values);
  }

  static napi_value Enter(napi_env env, napi_callback_info info) {
    napi_value values[kCount];
    size_t count = kCount;
    void* data = nullptr;
    if (napi_get_cb_info(env, info, &count, values, nullptr, &data) != napi_ok) return nullptr;
    const auto& bound = *static_cast<const BoundOperator*>(data);
    try {
      if (count > kCount) [[unlikely]] {
        throw ArgumentError("expected at most " + std::to_string(kCount) + " arguments, got " +
                            std::to_string(count));
      }
      return Run(bound, values, std::index_sequence_for<Args...>());
    } catch (...) {
      ThrowOperatorError(bound, values, std::min(count, kCount));
      return nullptr;
    }
  }
};

struct TypedCall {
  bool (*bind)(BoundOperator& bound);
  napi_callback entry;
};

using Table = std::unordered_multimap<std::string, TypedCall>;

template <typename... Signatures>
Table MakeTable() {
  Table table;
  (table.emplace(Typed<Signatures>::Signature(),
                 TypedCall{Typed<Signatures>::Bind, Typed<Signatures>::Enter}),
   ...);
  return table;
}

using T = const at::Tensor&;
using OptionalT = const std::optional<at::Tensor>&;
using S = const at::Scalar&;
using OptionalS = const std::optional<at::Scalar>&;
using Sizes = c10::SymIntArrayRef;
using Axes = at::IntArrayRef;
using OptionalAxes = at::OptionalIntArrayRef;
using Dtype = std::optional<at::ScalarType>;
using Layout = std::optional<at::Layout>;
using Place = std::optional<at::Device>;
using Pin = std::optional<bool>;
using Format = std::optional<at::MemoryFormat>;
using Rng = std::optional<at::Generator>;
using One = at::Tensor;
using Self = at::Tensor&;
using Two = std::tuple<at::Tensor, at::Tensor>;
using Three = std::tuple<at::Tensor, at::Tensor, at::Tensor>;
using Many = std::vector<at::Tensor>;

// The signatures that Tensor's methods use, the commonest first; the names are examples.
const Table& TypedCalls() {
  static const Table table =
      MakeTable<One(T),                                     // relu
                One(T, T),                                  // mm
                One(T, S),                                  // mul.Scalar
                One(T, T, S),                               // add.Tensor
                One(T, S, S),                               // add.Scalar
                One(T, T, T),                               // where.self
                One(T, T, OptionalT),                       // linear
                One(T, Sizes),                              // view
                One(T, Axes),                               // permute
                One(T, int64_t),                            // unsqueeze
                One(T, int64_t, int64_t),                   // transpose.int
                One(T, int64_t, c10::SymInt),               // select.int
                One(T, int64_t, c10::SymInt, c10::SymInt),  // narrow
                One(T, int64_t, std::optional<c10::SymInt>, std::optional<c10::SymInt>,
                    c10::SymInt),                                   // slice.Tensor
                One(T, Sizes, bool),                                // expand
                One(T, Axes, bool),                                 // amax
                One(T, OptionalAxes, bool, Dtype),                  // sum.dim_IntList
                One(T, int64_t, bool),                              // argsort
                One(T, std::optional<int64_t>, bool),               // argmax
                One(T, int64_t, Dtype),                             // softmax.int
                One(T, int64_t, T),                                 // index_select
                One(T, int64_t, T, bool),                           // gather
                One(T, T, std::optional<int64_t>),                  // take_along_dim
                One(T, OptionalS, OptionalS),                       // clamp
                One(T, double, bool),                               // dropout
                One(T, std::string_view),                           // gelu
                One(T, Dtype),                                      // prod
                One(T, Format),                                     // clone
                One(T, at::MemoryFormat),                           // contiguous
                One(T, Dtype, Layout, Place, Pin, bool, Format),    // _to_copy
                One(T, Sizes, OptionalT, OptionalT, double, bool),  // layer_norm
                One(T, T, T, OptionalT, double, bool, std::optional<double>, bool),  // attention
                One(T, T, OptionalT, Sizes, Sizes, Sizes, c10::SymInt),              // conv3d
                One(at::TensorList, int64_t),                                        // stack
                One(const at::ITensorListRef&, int64_t),                             // cat
                One(Sizes, Dtype, Layout, Place, Pin),                               // zeros
                One(Sizes, Rng, Dtype, Layout, Place, Pin),     // randn.generator
                One(Sizes, S, Dtype, Layout, Place, Pin),       // full
                One(Sizes, Dtype, Layout, Place, Pin, Format),  // empty.memory_format
                Two(T, int64_t, bool),                          // sort
                Two(T, c10::SymInt, int64_t, bool, bool),       // topk
                Three(T, Sizes, OptionalT, OptionalT, double),  // native_layer_norm
                Many(T, int64_t),                               // unbind.int
                Many(T, int64_t, int64_t),                      // chunk
                Many(T, c10::SymInt, int64_t),                  // split.Tensor
                Many(T, Sizes, int64_t),                        // split_with_sizes
                Self(Self),                                     // zero_
                Self(Self, T),                                  // mul_.Tensor
                Self(Self, S),                                  // mul_.Scalar
                Self(Self, T, S),                               // add_.Tensor
                Self(Self, S, S),                               // add_.Scalar
                Self(Self, T, bool),                            // copy_
                Self(Self, OptionalS, OptionalS)                // clamp_
                >();
  return table;
}

}  // namespace

napi_callback BindTyped(BoundOperator& bound) {
  const auto [first, last] = TypedCalls().equal_range(bound.op.signature());
  for (auto it = first; it != last; ++it) {
    if (it->second.bind(bound)) return it->second.entry;
  }
  return nullptr;
}

}  // namespace cello::door
