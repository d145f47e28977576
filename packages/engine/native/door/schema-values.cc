#include "door/schema-values.h"

#include <ATen/core/jit_type.h>

#include <utility>

#include "engine/cuda.h"
#include "engine/describe.h"

namespace cello::door {
namespace {

using Kind = c10::TypeKind;

const at::Tensor& ReadTensor(Engine& engine, napi_value value, const char* what) {
  double slot = 0;
  if (napi_get_value_double(engine.env, value, &slot) != napi_ok) {
    Expected(engine, value, what, "a tensor");
  }
  return engine.slots.Get(slot);
}

template <typename T, typename Read>
c10::IValue ReadList(Engine& engine, napi_value value, const char* what, const char* wanted,
                     Read&& read) {
  const uint32_t count = ArrayLength(engine, value, what, wanted);
  c10::List<T> list;
  list.reserve(count);
  for (uint32_t i = 0; i < count; ++i) list.push_back(read(Element(engine, value, i)));
  return list;
}

c10::IValue ReadListOf(Engine& engine, napi_value value, const c10::Type& element,
                       const Parameter& parameter) {
  const char* what = parameter.name.c_str();
  switch (element.kind()) {
    case Kind::IntType:
    case Kind::SymIntType: {
      c10::SmallVector<int64_t, 8> values;
      ReadInts(engine, value, parameter.fixed_length, what, values);
      return c10::IValue(at::IntArrayRef(values));
    }
    case Kind::TensorType:
      return ReadList<at::Tensor>(engine, value, what, "an array of tensors",
                                  [&](napi_value item) { return ReadTensor(engine, item, what); });
    case Kind::FloatType:
      return ReadList<double>(engine, value, what, "an array of numbers",
                              [&](napi_value item) { return ReadNumber(engine, item, what); });
    case Kind::BoolType:
      if (TypeOf(engine, value) == napi_boolean) {
        const size_t count = static_cast<size_t>(std::max(parameter.fixed_length, 1));
        c10::List<bool> list;
        list.resize(count, ReadBool(engine, value, what));
        return list;
      }
      return ReadList<bool>(engine, value, what, "an array of booleans",
                            [&](napi_value item) { return ReadBool(engine, item, what); });
    case Kind::NumberType:
      return ReadList<at::Scalar>(engine, value, what, "an array of numbers",
                                  [&](napi_value item) { return ReadScalar(engine, item, what); });
    case Kind::StringType:
      return ReadList<std::string>(engine, value, what, "an array of strings",
                                   [&](napi_value item) { return ReadText(engine, item, what); });
    case Kind::OptionalType:
      return ReadList<std::optional<at::Tensor>>(engine, value, what,
                                                 "an array of tensors and nulls",
                                                 [&](napi_value item) -> std::optional<at::Tensor> {
                                                   if (IsMissing(TypeOf(engine, item)))
                                                     return std::nullopt;
                                                   return ReadTensor(engine, item, what);
                                                 });
    default:
      if (const c10::IValue* opaque = ReadOpaque(engine, value)) return *opaque;
      throw ArgumentError("a list of " + element.str() + " for " + parameter.name +
                          " cannot be given from JavaScript");
  }
}

c10::IValue ReadTyped(Engine& engine, napi_value value, const c10::Type& type,
                      const Parameter& parameter) {
  const char* what = parameter.name.c_str();
  switch (type.kind()) {
    case Kind::TensorType:
      return ReadTensor(engine, value, what);
    case Kind::OptionalType:
      if (IsMissing(TypeOf(engine, value))) return {};
      return ReadTyped(engine, value, *type.castRaw<c10::OptionalType>()->getElementType(),
                       parameter);
    case Kind::IntType:
    case Kind::SymIntType:
    case Kind::ScalarTypeType:
    case Kind::LayoutType:
    case Kind::MemoryFormatType:
      return ReadInt(engine, value, what);
    case Kind::FloatType:
      return ReadNumber(engine, value, what);
    case Kind::BoolType:
    case Kind::SymBoolType:
      return ReadBool(engine, value, what);
    case Kind::NumberType:
      return ReadScalar(engine, value, what);
    case Kind::StringType:
      return ReadText(engine, value, what);
    case Kind::DeviceObjType:
      return ParseDevice(ReadText(engine, value, what));
    case Kind::ListType:
      return ReadListOf(engine, value, *type.castRaw<c10::ListType>()->getElementType(), parameter);
    default:
      if (const c10::IValue* opaque = ReadOpaque(engine, value)) return *opaque;
      throw ArgumentError("expected " + type.str() + " for " + parameter.name +
                          ", as another operator returned it, got " +
                          NameOf(TypeOf(engine, value)));
  }
}

template <typename List>
napi_value MakeList(Engine& engine, const List& values) {
  napi_value list;
  Check(engine, napi_create_array_with_length(engine.env, values.size(), &list));
  for (size_t i = 0; i < values.size(); ++i) {
    Check(engine, napi_set_element(engine.env, list, static_cast<uint32_t>(i),
                                   MakeResult(engine, c10::IValue(values[i]))));
  }
  return list;
}

napi_value MakeComplex(Engine& engine, c10::complex<double> number) {
  napi_value object;
  napi_value part;
  Check(engine, napi_create_object(engine.env, &object));
  Check(engine, napi_create_double(engine.env, number.real(), &part));
  Check(engine, napi_set_named_property(engine.env, object, "re", part));
  Check(engine, napi_create_double(engine.env, number.imag(), &part));
  Check(engine, napi_set_named_property(engine.env, object, "im", part));
  return object;
}

}  // namespace

c10::IValue ReadArgument(Engine& engine, napi_value value, const Parameter& parameter) {
  if (TypeOf(engine, value) == napi_undefined) {
    if (parameter.default_value != nullptr) return *parameter.default_value;
    if (parameter.type->kind() != Kind::OptionalType) {
      throw ArgumentError("the argument " + parameter.name + " is missing");
    }
  }
  return ReadTyped(engine, value, *parameter.type, parameter);
}

napi_value MakeResult(Engine& engine, const c10::IValue& value) {
  napi_value result;
  if (value.isTensor()) return MakeSlot(engine, value.toTensor());
  if (value.isNone()) {
    Check(engine, napi_get_null(engine.env, &result));
    return result;
  }
  if (value.isInt()) return MakeInt(engine, value.toInt());
  if (value.isSymInt()) return MakeInt(engine, value.toSymInt().guard_int(__FILE__, __LINE__));
  if (value.isBool()) {
    Check(engine, napi_get_boolean(engine.env, value.toBool(), &result));
    return result;
  }
  if (value.isDouble()) {
    Check(engine, napi_create_double(engine.env, value.toDouble(), &result));
    return result;
  }
  if (value.isComplexDouble()) return MakeComplex(engine, value.toComplexDouble());
  if (value.isString()) return MakeText(engine, value.toStringView());
  if (value.isDevice()) return MakeText(engine, value.toDevice().str());
  if (value.isList()) return MakeList(engine, value.toListRef());
  if (value.isTuple()) return MakeList(engine, value.toTupleRef().elements());
  return MakeOpaque(engine, value);
}

std::string Describe(Engine& engine, napi_value value, const Parameter& parameter) {
  std::string text = parameter.name + "=";
  const auto describe = [&](napi_value item, bool is_tensor) -> std::string {
    switch (TypeOf(engine, item)) {
      case napi_number: {
        const double number = ReadNumber(engine, item, "");
        if (is_tensor) {
          return engine.slots.Has(number) ? cello::Describe(engine.slots.Get(number))
                                          : "a released tensor";
        }
        std::string digits = std::to_string(number);
        digits.erase(digits.find_last_not_of('0') + 1);
        if (digits.back() == '.') digits.pop_back();
        return digits;
      }
      case napi_string:
        return "'" + ReadText(engine, item, "") + "'";
      case napi_boolean:
        return ReadBool(engine, item, "") ? "true" : "false";
      default:
        return NameOf(TypeOf(engine, item));
    }
  };
  try {
    const c10::Type* type = parameter.type;
    if (type->kind() == Kind::OptionalType) {
      type = type->castRaw<c10::OptionalType>()->getElementType().get();
    }
    uint32_t count = 0;
    if (napi_get_array_length(engine.env, value, &count) != napi_ok) {
      return text + describe(value, type->kind() == Kind::TensorType);
    }
    const auto* list = type->castRaw<c10::ListType>();
    const bool of_tensors = list != nullptr && list->getElementType()->str().starts_with("Tensor");
    constexpr uint32_t kShown = 8;
    text += "[";
    for (uint32_t i = 0; i < std::min(count, kShown); ++i) {
      text += (i > 0 ? ", " : "") + describe(Element(engine, value, i), of_tensors);
    }
    return text + (count > kShown ? ", ... " + std::to_string(count) + " in all]" : "]");
  } catch (...) {
    return text + "?";
  }
}

}  // namespace cello::door
