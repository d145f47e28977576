#include "door/values.h"

#include <cmath>
#include <memory>
#include <utility>

namespace cello::door {
namespace {

constexpr double kMaxSafeInteger = 9007199254740991.0;
constexpr napi_type_tag kOpaqueTag = {0x63656c6c6f2e6f70, 0x617175652e76616c};

}  // namespace

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

void Expected(Engine& engine, napi_value value, const char* what, const char* wanted) {
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
    // One by one: an array may claim to have four thousand million elements, and have none.
    out.clear();
    for (uint32_t i = 0; i < count; ++i) {
      out.push_back(ReadInt(engine, Element(engine, value, i), what));
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

}  // namespace cello::door
