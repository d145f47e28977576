// Operators with a common signature are called with C++ types, past the boxing of arguments: it
// takes most of the door's share from a small call. Every other operator takes the boxed call.
#pragma once

#include <memory>
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
  std::shared_ptr<void> typed;  // the c10::TypedOperatorHandle of a typed call
};

// Makes the pending JavaScript error of the C++ exception being handled.
void ThrowOperatorError(const BoundOperator& bound, const napi_value* values,
                        size_t count) noexcept;

// Prepares a typed call when there is one for the operator's signature: the function that
// JavaScript calls. Null when the operator must be called boxed.
napi_callback BindTyped(BoundOperator& bound);

}  // namespace cello::door
