// JavaScript values <-> the dispatcher's IValues, by the types of an operator's schema.
#pragma once

#include <ATen/core/ivalue.h>

#include "door/door.h"
#include "engine/operator.h"

namespace cello::door {

// Reads one number, strictly: throws ArgumentError, naming `what`, for any other value.
double ReadNumber(Engine& engine, napi_value value, const char* what);
int64_t ReadInt(Engine& engine, napi_value value, const char* what);
bool ReadBool(Engine& engine, napi_value value, const char* what);
std::string ReadText(Engine& engine, napi_value value, const char* what);
at::Scalar ReadScalar(Engine& engine, napi_value value, const char* what);
// A JavaScript array of integers; one integer stands for a list of `fixed_length` of it.
void ReadInts(Engine& engine, napi_value value, int fixed_length, const char* what,
              c10::SmallVectorImpl<int64_t>& out);
napi_valuetype TypeOf(Engine& engine, napi_value value);
inline bool IsMissing(napi_valuetype type) { return type == napi_undefined || type == napi_null; }

// An object that JavaScript only hands around: a generator, packed weights, a stream.
napi_value MakeOpaque(Engine& engine, c10::IValue value);
c10::IValue* ReadOpaque(Engine& engine, napi_value value);  // null when it is none of ours

napi_value MakeInt(Engine& engine, int64_t value);  // a number, or a BigInt beyond 2^53
napi_value MakeText(Engine& engine, std::string_view value);
napi_value MakeSlot(Engine& engine, at::Tensor tensor);

// An argument for `parameter`, or its default when the value is undefined.
c10::IValue ReadArgument(Engine& engine, napi_value value, const Parameter& parameter);
napi_value MakeResult(Engine& engine, const c10::IValue& value);

// "self=float32[4, 4]", for errors. Never throws a JavaScript exception.
std::string Describe(Engine& engine, napi_value value, const Parameter& parameter);

}  // namespace cello::door
