// JavaScript values <-> the dispatcher's IValues, by the types of an operator's schema.
#pragma once

#include <ATen/core/ivalue.h>

#include <string>

#include "door/values.h"
#include "engine/operator.h"

namespace cello::door {

// An argument for `parameter`, or its default when the value is undefined.
c10::IValue ReadArgument(Engine& engine, napi_value value, const Parameter& parameter);

napi_value MakeResult(Engine& engine, const c10::IValue& value);

// "self=float32[4, 4]", for errors. Never throws a JavaScript exception.
std::string Describe(Engine& engine, napi_value value, const Parameter& parameter);

}  // namespace cello::door
