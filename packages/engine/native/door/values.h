// Plain JavaScript values <-> C++: numbers, texts, lists of integers, native objects.
//
// Reading is strict: ArgumentError, naming `what`, for any other kind of value.
#pragma once

#include <ATen/core/ivalue.h>

#include <string>
#include <string_view>

#include "door/door.h"

namespace cello::door {

napi_valuetype TypeOf(Engine& engine, napi_value value);
inline bool IsMissing(napi_valuetype type) { return type == napi_undefined || type == napi_null; }
std::string NameOf(napi_valuetype type);  // "a number"

// "expected <wanted> for <what>, got a string"
[[noreturn]] void Expected(Engine& engine, napi_value value, const char* what, const char* wanted);

double ReadNumber(Engine& engine, napi_value value, const char* what);
int64_t ReadInt(Engine& engine, napi_value value, const char* what);
bool ReadBool(Engine& engine, napi_value value, const char* what);
std::string ReadText(Engine& engine, napi_value value, const char* what);
at::Scalar ReadScalar(Engine& engine, napi_value value, const char* what);

uint32_t ArrayLength(Engine& engine, napi_value value, const char* what, const char* wanted);
napi_value Element(Engine& engine, napi_value list, uint32_t i);
// A JavaScript array of integers; one integer stands for a list of `fixed_length` of it.
void ReadInts(Engine& engine, napi_value value, int fixed_length, const char* what,
              c10::SmallVectorImpl<int64_t>& out);

// An object that JavaScript only hands around: a generator, packed weights, a stream.
napi_value MakeOpaque(Engine& engine, c10::IValue value);
c10::IValue* ReadOpaque(Engine& engine, napi_value value);  // null when it is none of ours

napi_value MakeInt(Engine& engine, int64_t integer);  // a number, or a BigInt beyond 2^53
napi_value MakeText(Engine& engine, std::string_view text);
napi_value MakeSlot(Engine& engine, at::Tensor tensor);  // null for an undefined tensor

}  // namespace cello::door
