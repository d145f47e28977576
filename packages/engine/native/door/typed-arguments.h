// How each C++ type of an operator's arguments and results is read from, and made into, JavaScript.
//
// Arg<T> has the schema's word for T, a Holder that keeps what was read alive during the call, and
// Read and Pass. Reading tries the common case first: one Node-API call for a tensor or a number.
#pragma once

#include <ATen/core/IListRef.h>
#include <c10/core/SymInt.h>
#include <c10/util/OptionalArrayRef.h>

#include <optional>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "door/schema-values.h"
#include "engine/operator.h"

namespace cello::door {

using Ints = c10::SmallVector<int64_t, 6>;

// An undefined argument takes the schema's default: all types here have one that IValue can give.
inline c10::IValue ReadBoxed(Engine& engine, napi_value value, const Parameter& parameter) {
  return ReadArgument(engine, value, parameter);
}

template <typename T>
struct Arg;

template <>
struct Arg<const at::Tensor&> {
  static constexpr const char* kType = "Tensor";
  using Holder = const at::Tensor*;  // the slot table's own: no JavaScript runs during the call
  static Holder Read(Engine& engine, napi_value value, const Parameter& parameter) {
    double slot = 0;
    if (napi_get_value_double(engine.env, value, &slot) == napi_ok) [[likely]] {
      return &engine.slots.Get(slot);
    }
    ReadBoxed(engine, value, parameter);  // throws
    throw ArgumentError("expected a tensor for " + parameter.name);
  }
  static const at::Tensor& Pass(Holder& tensor) { return *tensor; }
};

template <>
struct Arg<at::Tensor&> {
  static constexpr const char* kType = "Tensor!";
  using Holder = at::Tensor*;
  static Holder Read(Engine& engine, napi_value value, const Parameter& parameter) {
    return const_cast<Holder>(Arg<const at::Tensor&>::Read(engine, value, parameter));
  }
  static at::Tensor& Pass(Holder& tensor) { return *tensor; }
};

template <>
struct Arg<const std::optional<at::Tensor>&> {
  static constexpr const char* kType = "Tensor?";
  using Holder = std::optional<at::Tensor>;
  static Holder Read(Engine& engine, napi_value value, const Parameter& parameter) {
    double slot = 0;
    if (napi_get_value_double(engine.env, value, &slot) == napi_ok) return engine.slots.Get(slot);
    return ReadBoxed(engine, value, parameter).toOptional<at::Tensor>();
  }
  static const Holder& Pass(Holder& tensor) { return tensor; }
};

template <>
struct Arg<at::TensorList> {
  static constexpr const char* kType = "Tensor[]";
  using Holder = std::vector<at::Tensor>;
  static Holder Read(Engine& engine, napi_value value, const Parameter& parameter) {
    return ReadBoxed(engine, value, parameter).toTensorVector();
  }
  static at::TensorList Pass(Holder& tensors) { return tensors; }
};

template <>
struct Arg<const at::ITensorListRef&> {
  static constexpr const char* kType = "Tensor[]";
  struct Holder {
    std::vector<at::Tensor> tensors;
    at::ITensorListRef list;
  };
  static Holder Read(Engine& engine, napi_value value, const Parameter& parameter) {
    return {Arg<at::TensorList>::Read(engine, value, parameter), {}};
  }
  static const at::ITensorListRef& Pass(Holder& holder) {
    holder.list = at::ITensorListRef(holder.tensors);
    return holder.list;
  }
};

template <>
struct Arg<int64_t> {
  static constexpr const char* kType = "int";
  using Holder = int64_t;
  static Holder Read(Engine& engine, napi_value value, const Parameter& parameter) {
    return ReadBoxed(engine, value, parameter).toInt();
  }
  static int64_t Pass(Holder& value) { return value; }
};

template <>
struct Arg<c10::SymInt> {
  static constexpr const char* kType = "SymInt";
  using Holder = int64_t;
  static Holder Read(Engine& engine, napi_value value, const Parameter& parameter) {
    return Arg<int64_t>::Read(engine, value, parameter);
  }
  static c10::SymInt Pass(Holder& value) { return c10::SymInt(value); }
};

template <>
struct Arg<double> {
  static constexpr const char* kType = "float";
  using Holder = double;
  static Holder Read(Engine& engine, napi_value value, const Parameter& parameter) {
    double number = 0;
    if (napi_get_value_double(engine.env, value, &number) == napi_ok) return number;
    return ReadBoxed(engine, value, parameter).toDouble();
  }
  static double Pass(Holder& value) { return value; }
};

template <>
struct Arg<bool> {
  static constexpr const char* kType = "bool";
  using Holder = bool;
  static Holder Read(Engine& engine, napi_value value, const Parameter& parameter) {
    bool flag = false;
    if (napi_get_value_bool(engine.env, value, &flag) == napi_ok) return flag;
    return ReadBoxed(engine, value, parameter).toBool();
  }
  static bool Pass(Holder& value) { return value; }
};

template <>
struct Arg<const at::Scalar&> {
  static constexpr const char* kType = "Scalar";
  using Holder = at::Scalar;
  static Holder Read(Engine& engine, napi_value value, const Parameter& parameter) {
    return ReadBoxed(engine, value, parameter).toScalar();
  }
  static const at::Scalar& Pass(Holder& value) { return value; }
};

template <>
struct Arg<const std::optional<at::Scalar>&> {
  static constexpr const char* kType = "Scalar?";
  using Holder = std::optional<at::Scalar>;
  static Holder Read(Engine& engine, napi_value value, const Parameter& parameter) {
    return ReadBoxed(engine, value, parameter).toOptional<at::Scalar>();
  }
  static const Holder& Pass(Holder& value) { return value; }
};

// A type that is read by boxing, since it is rare or dear anyway.
template <typename T, const char* type>
struct ArgBoxed {
  static constexpr const char* kType = type;
  using Holder = T;
  static Holder Read(Engine& engine, napi_value value, const Parameter& parameter) {
    return ReadBoxed(engine, value, parameter).to<T>();
  }
  static T Pass(Holder& value) { return value; }
};

inline constexpr char kOptionalInt[] = "int?";
inline constexpr char kOptionalFloat[] = "float?";
inline constexpr char kOptionalBool[] = "bool?";
inline constexpr char kOptionalDtype[] = "ScalarType?";
inline constexpr char kOptionalLayout[] = "Layout?";
inline constexpr char kOptionalDevice[] = "Device?";
inline constexpr char kOptionalFormat[] = "MemoryFormat?";
inline constexpr char kOptionalGenerator[] = "Generator?";

template <>
struct Arg<std::optional<int64_t>> : ArgBoxed<std::optional<int64_t>, kOptionalInt> {};
template <>
struct Arg<std::optional<double>> : ArgBoxed<std::optional<double>, kOptionalFloat> {};
template <>
struct Arg<std::optional<bool>> : ArgBoxed<std::optional<bool>, kOptionalBool> {};
template <>
struct Arg<std::optional<at::ScalarType>>
    : ArgBoxed<std::optional<at::ScalarType>, kOptionalDtype> {};
template <>
struct Arg<std::optional<at::Layout>> : ArgBoxed<std::optional<at::Layout>, kOptionalLayout> {};
template <>
struct Arg<std::optional<at::Device>> : ArgBoxed<std::optional<at::Device>, kOptionalDevice> {};
template <>
struct Arg<std::optional<at::MemoryFormat>>
    : ArgBoxed<std::optional<at::MemoryFormat>, kOptionalFormat> {};
template <>
struct Arg<std::optional<at::Generator>>
    : ArgBoxed<std::optional<at::Generator>, kOptionalGenerator> {};

template <>
struct Arg<std::optional<c10::SymInt>> {
  static constexpr const char* kType = "SymInt?";
  using Holder = std::optional<int64_t>;
  static Holder Read(Engine& engine, napi_value value, const Parameter& parameter) {
    return ReadBoxed(engine, value, parameter).toOptional<int64_t>();
  }
  static std::optional<c10::SymInt> Pass(Holder& value) {
    return value ? std::optional<c10::SymInt>(*value) : std::nullopt;
  }
};

template <>
struct Arg<at::MemoryFormat> {
  static constexpr const char* kType = "MemoryFormat";
  using Holder = at::MemoryFormat;
  static Holder Read(Engine& engine, napi_value value, const Parameter& parameter) {
    return ReadBoxed(engine, value, parameter).toMemoryFormat();
  }
  static Holder Pass(Holder& value) { return value; }
};

template <>
struct Arg<std::string_view> {
  static constexpr const char* kType = "str";
  using Holder = std::string;
  static Holder Read(Engine& engine, napi_value value, const Parameter& parameter) {
    return ReadBoxed(engine, value, parameter).toStringRef();
  }
  static std::string_view Pass(Holder& value) { return value; }
};

template <>
struct Arg<at::IntArrayRef> {
  static constexpr const char* kType = "int[]";
  using Holder = Ints;
  static Holder Read(Engine& engine, napi_value value, const Parameter& parameter) {
    Ints ints;
    if (parameter.default_value != nullptr && TypeOf(engine, value) == napi_undefined) {
      for (const int64_t each : parameter.default_value->toIntVector()) ints.push_back(each);
    } else {
      ReadInts(engine, value, parameter.fixed_length, parameter.name.c_str(), ints);
    }
    return ints;
  }
  static at::IntArrayRef Pass(Holder& ints) { return ints; }
};

template <>
struct Arg<c10::SymIntArrayRef> {
  static constexpr const char* kType = "SymInt[]";
  using Holder = Ints;
  static Holder Read(Engine& engine, napi_value value, const Parameter& parameter) {
    return Arg<at::IntArrayRef>::Read(engine, value, parameter);
  }
  // Throws for integers below -2^62, which SymInt keeps for itself.
  static c10::SymIntArrayRef Pass(Holder& ints) { return c10::fromIntArrayRefSlow(ints); }
};

template <>
struct Arg<at::OptionalIntArrayRef> {
  static constexpr const char* kType = "int[]?";
  using Holder = std::optional<Ints>;
  static Holder Read(Engine& engine, napi_value value, const Parameter& parameter) {
    if (IsMissing(TypeOf(engine, value))) return std::nullopt;
    return Arg<at::IntArrayRef>::Read(engine, value, parameter);
  }
  static at::OptionalIntArrayRef Pass(Holder& ints) {
    return ints ? at::OptionalIntArrayRef(at::IntArrayRef(*ints)) : std::nullopt;
  }
};

template <typename T>
struct Result;

template <>
struct Result<at::Tensor> {
  static std::string Type() { return "Tensor"; }
  static napi_value Make(Engine& engine, at::Tensor tensor, const napi_value*) {
    return MakeSlot(engine, std::move(tensor));
  }
};

// An in-place operator returns its first argument.
template <>
struct Result<at::Tensor&> {
  static std::string Type() { return "Tensor!"; }
  static napi_value Make(Engine&, at::Tensor&, const napi_value* values) { return values[0]; }
};

template <>
struct Result<std::vector<at::Tensor>> {
  static std::string Type() { return "Tensor[]"; }
  static napi_value Make(Engine& engine, std::vector<at::Tensor> tensors, const napi_value*) {
    napi_value list;
    Check(engine, napi_create_array_with_length(engine.env, tensors.size(), &list));
    for (size_t i = 0; i < tensors.size(); ++i) {
      Check(engine, napi_set_element(engine.env, list, static_cast<uint32_t>(i),
                                     MakeSlot(engine, std::move(tensors[i]))));
    }
    return list;
  }
};

template <typename... Tensors>
struct Result<std::tuple<Tensors...>> {
  static std::string Type() {
    std::string text = "Tensor";
    for (size_t i = 1; i < sizeof...(Tensors); ++i) text += ", Tensor";
    return text;
  }
  static napi_value Make(Engine& engine, std::tuple<Tensors...> tensors, const napi_value* values) {
    return std::apply(
        [&](auto&&... each) {
          std::vector<at::Tensor> list;
          (list.push_back(std::move(each)), ...);
          return Result<std::vector<at::Tensor>>::Make(engine, std::move(list), values);
        },
        std::move(tensors));
  }
};

}  // namespace cello::door
