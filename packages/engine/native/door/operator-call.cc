// Calling operators: `operator(name)` returns a JavaScript function that takes the arguments in the
// schema's order, tensors as slots, and returns its results, tensors as slots.
#include <ATen/core/stack.h>

#include "door/exports.h"
#include "door/schema-values.h"
#include "door/typed-call.h"
#include "engine/kept-sizes.h"
#include "engine/operator.h"

namespace cello::door {
namespace {

// As many as the operator with the longest argument list takes.
constexpr size_t kMaxOperatorArguments = 64;

napi_value MakeResults(Engine& engine, const Operator& op, torch::jit::Stack& stack,
                       const napi_value* values) {
  const auto result = [&](size_t r) {
    const int alias = op.result_alias[r];
    return alias >= 0 && stack[r].isTensor() ? values[alias] : MakeResult(engine, stack[r]);
  };
  if (stack.size() == 1) return result(0);
  if (stack.empty()) {
    napi_value undefined;
    Check(engine, napi_get_undefined(engine.env, &undefined));
    return undefined;
  }
  napi_value list;
  Check(engine, napi_create_array_with_length(engine.env, stack.size(), &list));
  for (size_t r = 0; r < stack.size(); ++r) {
    Check(engine, napi_set_element(engine.env, list, static_cast<uint32_t>(r), result(r)));
  }
  return list;
}

napi_value CallBoxed(Engine& engine, const Operator& op, const napi_value* values, size_t count) {
  const size_t expected = op.parameters.size();
  if (count > expected) {
    throw ArgumentError("expected at most " + std::to_string(expected) + " arguments, got " +
                        std::to_string(count));
  }
  torch::jit::Stack stack;
  stack.reserve(expected);
  for (size_t i = 0; i < expected; ++i) {
    stack.push_back(ReadArgument(engine, values[i], op.parameters[i]));
  }
  const KeptSizes kept(op, stack);
  try {
    op.handle.callBoxed(stack);
  } catch (...) {
    kept.Restore();
    throw;
  }
  return MakeResults(engine, op, stack, values);
}

napi_value Enter(napi_env env, napi_callback_info info) {
  napi_value values[kMaxOperatorArguments];
  size_t count = kMaxOperatorArguments;
  void* data = nullptr;
  if (napi_get_cb_info(env, info, &count, values, nullptr, &data) != napi_ok) return nullptr;
  auto* bound = static_cast<BoundOperator*>(data);
  try {
    return CallBoxed(bound->engine, bound->op, values, count);
  } catch (...) {
    ThrowOperatorError(*bound, values, count);
    return nullptr;
  }
}

napi_value GetOperator(Call& call) {
  auto bound = std::make_unique<BoundOperator>(call.engine, FindOperator(call.Text(0)));
  if (bound->op.parameters.size() > kMaxOperatorArguments) {
    throw std::runtime_error(bound->op.name + " takes more arguments than the door can");
  }
  const napi_callback typed = BindTyped(*bound);
  const napi_callback entry = typed == nullptr ? Enter : typed;
  napi_value function;
  const std::string& name = bound->op.name;
  Check(call.engine,
        napi_create_function(call.env(), name.data(), name.size(), entry, bound.get(), &function));
  Check(call.engine,
        napi_add_finalizer(
            call.env(), function, bound.get(),
            [](napi_env, void* data, void*) { delete static_cast<BoundOperator*>(data); }, nullptr,
            nullptr));
  bound.release();
  return function;
}

template <typename Items, typename Text>
napi_value MakeTexts(Call& call, const Items& items, Text&& text) {
  napi_value list;
  Check(call.engine, napi_create_array_with_length(call.env(), items.size(), &list));
  uint32_t i = 0;
  for (const auto& item : items) {
    Check(call.engine, napi_set_element(call.env(), list, i++, call.From(std::string(text(item)))));
  }
  return list;
}

// operatorTypes(name): { names, inputs, presence, outputs, isTyped }; all but the last are lists of
// strings; an argument's presence is "required" or "optional".
napi_value GetOperatorTypes(Call& call) {
  BoundOperator bound(call.engine, FindOperator(call.Text(0)));
  const c10::FunctionSchema& schema = bound.op.handle.schema();
  const auto is_optional = [](const c10::Argument& argument) {
    const auto& value = argument.default_value();
    if (value) return true;
    return argument.real_type()->kind() == c10::TypeKind::OptionalType;
  };
  napi_value types;
  Check(call.engine, napi_create_object(call.env(), &types));
  const auto set = [&](const char* key, napi_value value) {
    Check(call.engine, napi_set_named_property(call.env(), types, key, value));
  };
  set("names", MakeTexts(call, schema.arguments(), [](const auto& a) { return a.name(); }));
  set("inputs", MakeTexts(call, schema.arguments(), TypeText));
  set("presence", MakeTexts(call, schema.arguments(), [&](const c10::Argument& argument) {
        return is_optional(argument) ? "optional" : "required";
      }));
  set("outputs", MakeTexts(call, schema.returns(), TypeText));
  set("isTyped", call.From(BindTyped(bound) != nullptr));
  return types;
}

napi_value GetOperators(Call& call) {
  return MakeTexts(call, AllOperators(), [](const std::string& name) { return name; });
}

}  // namespace

void ThrowOperatorError(const BoundOperator& bound, const napi_value* values,
                        size_t count) noexcept {
  std::vector<std::string> arguments;
  for (size_t i = 0; i < std::min(count, bound.op.parameters.size()); ++i) {
    arguments.push_back(Describe(bound.engine, values[i], bound.op.parameters[i]));
  }
  ThrowCurrent(bound.engine, bound.op.name, arguments);
}

std::span<const Export> OperatorExports() {
  static constexpr Export kExports[] = {
      {"operator", GetOperator},
      {"operators", GetOperators},
      {"operatorTypes", GetOperatorTypes},
  };
  return kExports;
}

}  // namespace cello::door
