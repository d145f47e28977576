// The frame of every function that JavaScript may call: one guard, one way to read arguments.
//
// A function of the door is a Body. It gets a Call, returns a value or throws; the guard turns any
// C++ exception into the JavaScript error that the package's error factory makes of it.
#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>
#include <node_api.h>

#include <exception>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "engine/slots.h"

namespace cello::door {

class LateCalls;
class ReferenceKeeper;

// What one JavaScript thread (the main one or a worker) has of the engine.
struct Engine {
  static constexpr size_t kMaxSizes = 64;

  explicit Engine(napi_env environment);
  ~Engine();

  napi_env env;
  std::shared_ptr<ReferenceKeeper> keeper;
  std::shared_ptr<LateCalls> late_calls;
  SlotTable slots;
  double* sizes = nullptr;  // kMaxSizes numbers of JavaScript's, for what is asked most often
  napi_ref sizes_owner = nullptr;
  napi_ref error_factory = nullptr;
  napi_ref thrown = nullptr;  // what a JavaScript callback threw, while C++ unwinds
};

// A JavaScript exception on its way through C++; the value itself is in Engine::thrown.
class JsException : public std::exception {
 public:
  const char* what() const noexcept override { return "a JavaScript callback threw"; }
};

// An argument that the schema, or the function's documentation, does not allow.
class ArgumentError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Throws JsException when a JavaScript exception is pending, else std::runtime_error.
[[noreturn]] void ThrowStatus(Engine& engine);

inline void Check(Engine& engine, napi_status status) {
  if (status != napi_ok) [[unlikely]]
    ThrowStatus(engine);
}

// One call from JavaScript. Arguments that were not given read as undefined.
class Call {
 public:
  static constexpr size_t kMaxArguments = 8;

  Call(Engine& engine, napi_callback_info info);

  Engine& engine;
  napi_env env() const { return engine.env; }

  napi_value operator[](size_t i) const { return values_[i]; }
  bool Given(size_t i) const;  // neither undefined nor null

  double Number(size_t i) const;
  int64_t Int(size_t i) const;  // a safe integer or a BigInt that fits
  bool Bool(size_t i) const;
  std::string Text(size_t i) const;
  std::vector<int64_t> Ints(size_t i) const;
  std::vector<double> Numbers(size_t i) const;
  at::Tensor& Tensor(size_t i) const { return engine.slots.Get(Number(i)); }
  std::vector<at::Tensor> Tensors(size_t i) const;
  std::span<std::byte> Bytes(size_t i) const;  // of a Uint8Array
  c10::Device Device(size_t i) const;          // "cpu" when not given
  std::optional<at::Generator> Generator(size_t i) const;

  napi_value Undefined() const;
  napi_value Null() const;
  napi_value From(double value) const;
  napi_value From(bool value) const;
  napi_value From(const std::string& value) const;
  napi_value FromInt(int64_t value) const;   // a number, or a BigInt beyond 2^53
  napi_value From(at::Tensor tensor) const;  // its slot, or null for an undefined one
  napi_value From(const std::vector<at::Tensor>& tensors) const;
  napi_value From(std::span<const int64_t> values) const;

 private:
  napi_value values_[kMaxArguments];
};

using Body = napi_value (*)(Call& call);
struct Export {
  const char* name;
  Body body;
};

// Turns the C++ exception being handled into a pending JavaScript error. `operator_name` is empty
// outside operators; `arguments` say what was passed, as "self=float32[4, 4]".
void ThrowCurrent(Engine& engine, std::string_view operator_name,
                  const std::vector<std::string>& arguments) noexcept;

// Puts functions on the addon's exports; `engine` must outlive them.
void Define(Engine& engine, napi_value exports, std::span<const Export> functions);

}  // namespace cello::door
