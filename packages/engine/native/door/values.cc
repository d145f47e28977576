#include "door/values.h"

#include <ATen/core/jit_type.h>

#include <cmath>
#include <utility>

#include "engine/describe.h"

namespace cello::door {
namespace {

using Kind = c10::TypeKind;

constexpr double kMaxSafeInteger = 9007199254740991.0;
constexpr napi_type_tag kOpaqueTag = {0x63656c6c6f2e6f70, 0x617175652e76616c};

std::string NameOf(napi_valuetype type) {
  switch (type) {
    case napi_undefined:
      return "undefined";
    case napi_null:
      return "null";
    case napi_boolean:
      return "a boolean";
    case napi_number:
      return "a number";
    case napi_string:
      return "a string";
    case napi_symbol:
      return "a symbol";
    case napi_object:
      return "an object";
    case napi_function:
      return "a function";
    case napi_external:
      return "a native object";
    case napi_bigint:
      return "a BigInt";
  }
  return "a value";
}

[[noreturn]] void Expected(Engine& engine, napi_value value, const char* what, const char* wanted) {
  throw ArgumentError(std::string("expected ") + wanted + " for " + what + ", got " +
                      NameOf(TypeOf(engine, value)));
}

uint32_t ArrayLength(Engine& engine, napi_value value, const char* what, const char* wanted) {
  uint32_t count = 0;
  if (napi_get_array_length(engine.env, value, &count) != napi_ok) {
    Expected(engine, value, what, wanted);
  }
  return count;
}

napi_value Element(Engine& engine, napi_value list, uint32_t i) {
  napi_value element;
  Check(engine, napi_get_element(engine.env, list, i, &element));
  return element;
}

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
      return c10::Device(ReadText(engine, value, what));
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

napi_valuetype TypeOf(Engine& engine, napi_value value) {
  napi_valuetype type;
  Check(engine, napi_typeof(engine.env, value, &type));
  return type;
}

double ReadNumber(Engine& engine, napi_value value, const char* what) {
  double number = 0;
  if (napi_get_value_double(engine.env, value, &number) != napi_ok) {
    Expected(engine, value, what, "a number");
  }
  return number;
}

int64_t ReadInt(Engine& engine, napi_value value, const char* what) {
  double number = 0;
  if (napi_get_value_double(engine.env, value, &number) == napi_ok) {
    if (std::trunc(number) == number && std::abs(number) <= kMaxSafeInteger) {
      return static_cast<int64_t>(number);
    }
    throw ArgumentError(std::string("expected an integer for ") + what + ", got " +
                        std::to_string(number) + "; beyond 2^53 pass a BigInt");
  }
  int64_t integer = 0;
  bool lossless = false;
  if (napi_get_value_bigint_int64(engine.env, value, &integer, &lossless) != napi_ok) {
    Expected(engine, value, what, "an integer");
  }
  if (!lossless) throw ArgumentError(std::string("the BigInt for ") + what + " needs over 64 bits");
  return integer;
}

bool ReadBool(Engine& engine, napi_value value, const char* what) {
  bool flag = false;
  if (napi_get_value_bool(engine.env, value, &flag) != napi_ok) {
    Expected(engine, value, what, "a boolean");
  }
  return flag;
}

std::string ReadText(Engine& engine, napi_value value, const char* what) {
  size_t length = 0;
  if (napi_get_value_string_utf8(engine.env, value, nullptr, 0, &length) != napi_ok) {
    Expected(engine, value, what, "a string");
  }
  std::string text(length + 1, '\0');
  Check(engine, napi_get_value_string_utf8(engine.env, value, text.data(), text.size(), &length));
  text.resize(length);
  return text;
}

at::Scalar ReadScalar(Engine& engine, napi_value value, const char* what) {
  double number = 0;
  if (napi_get_value_double(engine.env, value, &number) == napi_ok) {
    // An integer stays one, as in Python, so that int tensors keep their dtype. -0 is a float.
    if (std::trunc(number) == number && std::abs(number) <= kMaxSafeInteger &&
        !(number == 0 && std::signbit(number))) {
      return static_cast<int64_t>(number);
    }
    return number;
  }
  switch (TypeOf(engine, value)) {
    case napi_boolean:
      return ReadBool(engine, value, what);
    case napi_bigint:
      return ReadInt(engine, value, what);
    case napi_object: {
      napi_value re;
      napi_value im;
      Check(engine, napi_get_named_property(engine.env, value, "re", &re));
      Check(engine, napi_get_named_property(engine.env, value, "im", &im));
      return c10::complex<double>(ReadNumber(engine, re, what), ReadNumber(engine, im, what));
    }
    default:
      Expected(engine, value, what, "a number, a boolean, a BigInt or { re, im }");
  }
}

void ReadInts(Engine& engine, napi_value value, int fixed_length, const char* what,
              c10::SmallVectorImpl<int64_t>& out) {
  uint32_t count = 0;
  if (napi_get_array_length(engine.env, value, &count) == napi_ok) {
    out.resize(count);
    for (uint32_t i = 0; i < count; ++i) {
      out[i] = ReadInt(engine, Element(engine, value, i), what);
    }
    return;
  }
  if (fixed_length == 0) Expected(engine, value, what, "an array of integers");
  out.assign(static_cast<size_t>(fixed_length), ReadInt(engine, value, what));
}

napi_value MakeOpaque(Engine& engine, c10::IValue value) {
  napi_value external;
  auto held = std::make_unique<c10::IValue>(std::move(value));
  Check(engine, napi_create_external(
                    engine.env, held.get(),
                    [](napi_env, void* data, void*) { delete static_cast<c10::IValue*>(data); },
                    nullptr, &external));
  held.release();
  Check(engine, napi_type_tag_object(engine.env, external, &kOpaqueTag));
  return external;
}

c10::IValue* ReadOpaque(Engine& engine, napi_value value) {
  if (TypeOf(engine, value) != napi_external) return nullptr;
  bool is_ours = false;
  Check(engine, napi_check_object_type_tag(engine.env, value, &kOpaqueTag, &is_ours));
  if (!is_ours) return nullptr;
  void* data = nullptr;
  Check(engine, napi_get_value_external(engine.env, value, &data));
  return static_cast<c10::IValue*>(data);
}

napi_value MakeInt(Engine& engine, int64_t integer) {
  napi_value value;
  const auto limit = static_cast<int64_t>(kMaxSafeInteger);
  Check(engine, integer > limit || integer < -limit
                    ? napi_create_bigint_int64(engine.env, integer, &value)
                    : napi_create_double(engine.env, static_cast<double>(integer), &value));
  return value;
}

napi_value MakeText(Engine& engine, std::string_view text) {
  napi_value value;
  Check(engine, napi_create_string_utf8(engine.env, text.data(), text.size(), &value));
  return value;
}

napi_value MakeSlot(Engine& engine, at::Tensor tensor) {
  napi_value value;
  if (tensor.defined()) {
    Check(engine, napi_create_double(engine.env, engine.slots.Add(std::move(tensor)), &value));
  } else {
    Check(engine, napi_get_null(engine.env, &value));
  }
  return value;
}

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
