// Operators with a common signature are called with C++ types, past the boxing of arguments: it
// halves the door's share of a small call. Every other operator takes the boxed call.
#pragma once

#include <any>
#include <span>
#include <string>
#include <utility>

#include "door/door.h"
#include "engine/operator.h"

namespace cello::door {

// An operator as one JavaScript function has it.
struct BoundOperator {
  BoundOperator(Engine& the_engine, Operator the_operator)
      : engine(the_engine), op(std::move(the_operator)) {}

  Engine& engine;
  Operator op;
  std::any typed;  // the c10::TypedOperatorHandle of a typed call
};

// Makes the pending JavaScript error of the C++ exception being handled.
void ThrowOperatorError(const BoundOperator& bound, const napi_value* values,
                        size_t count) noexcept;

struct TypedCall {
  std::string signature;               // Operator::signature() of the operators it can call
  bool (*bind)(BoundOperator& bound);  // false: the operator's C++ type is another one after all
  napi_callback entry;
};

std::span<const TypedCall> TypedCalls();

}  // namespace cello::door
