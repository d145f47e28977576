#include "door/door.h"

#include <c10/util/Exception.h>

#include <new>
#include <utility>

#include "door/js-reference.h"
#include "door/values.h"
#include "engine/cuda.h"
#include "engine/profiler.h"

namespace cello::door {
namespace {

// Calls the package's error factory: (kind, operator, message, arguments) -> Error.
void ThrowError(Engine& engine, const char* kind, std::string_view operator_name,
                std::string_view message, const std::vector<std::string>& arguments) {
  napi_env env = engine.env;
  napi_value factory = nullptr;
  napi_value error = nullptr;
  if (engine.error_factory != nullptr &&
      napi_get_reference_value(env, engine.error_factory, &factory) == napi_ok) {
    napi_value list;
    napi_create_array_with_length(env, arguments.size(), &list);
    for (size_t i = 0; i < arguments.size(); ++i) {
      napi_set_element(env, list, static_cast<uint32_t>(i), MakeText(engine, arguments[i]));
    }
    napi_value parts[] = {MakeText(engine, kind), MakeText(engine, operator_name),
                          MakeText(engine, message), list};
    napi_value undefined;
    napi_get_undefined(env, &undefined);
    if (napi_call_function(env, undefined, factory, 4, parts, &error) != napi_ok) return;
    napi_throw(env, error);
    return;
  }
  napi_throw_error(env, kind, std::string(message).c_str());
}

void Rethrow(Engine& engine) {
  napi_value thrown = nullptr;
  if (engine.thrown != nullptr) {
    napi_get_reference_value(engine.env, engine.thrown, &thrown);
    napi_delete_reference(engine.env, engine.thrown);
    engine.thrown = nullptr;
  }
  if (thrown != nullptr) {
    napi_throw(engine.env, thrown);
  } else {
    napi_throw_error(engine.env, nullptr, "a JavaScript callback threw");
  }
}

struct Bound {
  Engine* engine;
  Body body;
};

napi_value Enter(napi_env env, napi_callback_info info) {
  void* data = nullptr;
  if (napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &data) != napi_ok) return nullptr;
  auto* bound = static_cast<Bound*>(data);
  try {
    Call call(*bound->engine, info);
    return bound->body(call);
  } catch (...) {
    ThrowCurrent(*bound->engine, "", {});
    return nullptr;
  }
}

}  // namespace

Engine::Engine(napi_env environment)
    : env(environment),
      keeper(std::make_shared<ReferenceKeeper>(environment)),
      late_calls(std::make_shared<LateCalls>()) {}

Engine::~Engine() {
  AbandonProfiler();
  keeper->Close();
}

void ThrowStatus(Engine& engine) {
  bool is_pending = false;
  napi_is_exception_pending(engine.env, &is_pending);
  if (is_pending) {
    napi_value error;
    napi_get_and_clear_last_exception(engine.env, &error);
    if (engine.thrown != nullptr) napi_delete_reference(engine.env, engine.thrown);
    engine.thrown = nullptr;
    // Only objects can be referenced; anything else that was thrown is put into one.
    napi_valuetype type;
    napi_typeof(engine.env, error, &type);
    if (type != napi_object && type != napi_function) {
      napi_value text;
      napi_coerce_to_string(engine.env, error, &text);
      napi_create_error(engine.env, nullptr, text, &error);
    }
    napi_create_reference(engine.env, error, 1, &engine.thrown);
    throw JsException();
  }
  const napi_extended_error_info* details = nullptr;
  napi_get_last_error_info(engine.env, &details);
  const char* message = details == nullptr ? nullptr : details->error_message;
  throw std::runtime_error(message == nullptr ? "Node-API refused a call" : message);
}

Call::Call(Engine& the_engine, napi_callback_info info) : engine(the_engine) {
  size_t count = kMaxArguments;
  Check(engine, napi_get_cb_info(engine.env, info, &count, values_, nullptr, nullptr));
}

bool Call::Given(size_t i) const { return !IsMissing(TypeOf(engine, values_[i])); }
double Call::Number(size_t i) const { return ReadNumber(engine, values_[i], "the argument"); }
int64_t Call::Int(size_t i) const { return ReadInt(engine, values_[i], "the argument"); }
bool Call::Bool(size_t i) const { return ReadBool(engine, values_[i], "the argument"); }
std::string Call::Text(size_t i) const { return ReadText(engine, values_[i], "the argument"); }

std::vector<int64_t> Call::Ints(size_t i) const {
  c10::SmallVector<int64_t, 8> values;
  ReadInts(engine, values_[i], 0, "the argument", values);
  return {values.begin(), values.end()};
}

std::vector<double> Call::Numbers(size_t i) const {
  uint32_t count = 0;
  if (napi_get_array_length(env(), values_[i], &count) != napi_ok) {
    throw ArgumentError("expected an array of numbers");
  }
  std::vector<double> numbers;
  for (uint32_t k = 0; k < count; ++k) {
    numbers.push_back(ReadNumber(engine, Element(engine, values_[i], k), "an element"));
  }
  return numbers;
}

std::vector<at::Tensor> Call::Tensors(size_t i) const {
  std::vector<at::Tensor> tensors;
  for (const double slot : Numbers(i)) tensors.push_back(engine.slots.Get(slot));
  return tensors;
}

std::span<std::byte> Call::Bytes(size_t i) const {
  bool is_typed_array = false;
  Check(engine, napi_is_typedarray(env(), values_[i], &is_typed_array));
  if (!is_typed_array) throw ArgumentError("expected a Uint8Array");
  napi_typedarray_type type;
  size_t length = 0;
  void* data = nullptr;
  Check(engine,
        napi_get_typedarray_info(env(), values_[i], &type, &length, &data, nullptr, nullptr));
  if (type != napi_uint8_array) throw ArgumentError("expected a Uint8Array");
  return {static_cast<std::byte*>(data), length};
}

c10::Device Call::Device(size_t i) const {
  return Given(i) ? ParseDevice(Text(i)) : c10::Device(c10::kCPU);
}

std::optional<at::Generator> Call::Generator(size_t i) const {
  if (!Given(i)) return std::nullopt;
  const c10::IValue* value = ReadOpaque(engine, values_[i]);
  if (value == nullptr || !value->isGenerator()) throw ArgumentError("expected a generator");
  return value->toGenerator();
}

napi_value Call::Undefined() const {
  napi_value value;
  Check(engine, napi_get_undefined(env(), &value));
  return value;
}

napi_value Call::Null() const {
  napi_value value;
  Check(engine, napi_get_null(env(), &value));
  return value;
}

napi_value Call::From(double number) const {
  napi_value value;
  Check(engine, napi_create_double(env(), number, &value));
  return value;
}

napi_value Call::From(bool flag) const {
  napi_value value;
  Check(engine, napi_get_boolean(env(), flag, &value));
  return value;
}

napi_value Call::From(const std::string& text) const { return MakeText(engine, text); }
napi_value Call::FromInt(int64_t integer) const { return MakeInt(engine, integer); }
napi_value Call::From(at::Tensor tensor) const { return MakeSlot(engine, std::move(tensor)); }

napi_value Call::From(const std::vector<at::Tensor>& tensors) const {
  napi_value list;
  Check(engine, napi_create_array_with_length(env(), tensors.size(), &list));
  for (size_t i = 0; i < tensors.size(); ++i) {
    Check(engine, napi_set_element(env(), list, static_cast<uint32_t>(i), From(tensors[i])));
  }
  return list;
}

napi_value Call::From(std::span<const int64_t> values) const {
  napi_value list;
  Check(engine, napi_create_array_with_length(env(), values.size(), &list));
  for (size_t i = 0; i < values.size(); ++i) {
    Check(engine, napi_set_element(env(), list, static_cast<uint32_t>(i), FromInt(values[i])));
  }
  return list;
}

void ThrowCurrent(Engine& engine, std::string_view operator_name,
                  const std::vector<std::string>& arguments) noexcept {
  const auto raise = [&](const char* kind, std::string_view message) {
    try {
      ThrowError(engine, kind, operator_name, message, arguments);
    } catch (...) {  // the thread is being ended, or its heap is full
      napi_throw_error(engine.env, kind, "the engine refused a call, and could not say why");
    }
  };
  try {
    throw;
  } catch (const JsException&) {
    Rethrow(engine);
  } catch (const StaleSlot& error) {
    raise("STALE_TENSOR", error.what());
  } catch (const ArgumentError& error) {
    raise("ARGUMENT", error.what());
  } catch (const c10::OutOfMemoryError& error) {
    raise("OUT_OF_MEMORY", error.what_without_backtrace());
  } catch (const c10::Error& error) {
    raise("ENGINE", error.what_without_backtrace());
  } catch (const std::bad_alloc&) {
    raise("OUT_OF_MEMORY", "the machine gave no more memory");
  } catch (const std::exception& error) {
    raise("ENGINE", error.what());
  } catch (...) {
    raise("ENGINE", "an exception of an unknown kind");
  }
}

void Define(Engine& engine, napi_value exports, std::span<const Export> functions) {
  for (const Export& function : functions) {
    auto* bound = new Bound{&engine, function.body};  // one each per thread: freed with the addon
    napi_value value;
    Check(engine,
          napi_create_function(engine.env, function.name, NAPI_AUTO_LENGTH, Enter, bound, &value));
    Check(engine, napi_add_finalizer(
                      engine.env, value, bound,
                      [](napi_env, void* data, void*) { delete static_cast<Bound*>(data); },
                      nullptr, nullptr));
    Check(engine, napi_set_named_property(engine.env, exports, function.name, value));
  }
}

}  // namespace cello::door
