// An operator of the dispatcher, found by name, with what the door needs to call it.
#pragma once

#include <ATen/core/dispatch/Dispatcher.h>

#include <string>
#include <vector>

namespace cello {

// One argument of an operator. The types are the schema's own, and live as long as the operator.
struct Parameter {
  std::string name;
  const c10::Type* type;  // the real type: ScalarType and SymInt are not hidden behind int
  const c10::IValue* default_value;  // null: the argument must be given
  int fixed_length;                  // of a list such as int[3], else 0
  bool is_written;
};

struct Operator {
  Operator(c10::OperatorHandle operator_handle, std::string full_name);

  c10::OperatorHandle handle;
  std::string name;  // "aten::add.Tensor"
  std::vector<Parameter> parameters;
  // For each result: the argument that it is, for in-place and out= operators; -1 for a new one.
  std::vector<int> result_alias;

  // "Tensor, Tensor, Scalar -> Tensor": the key of the typed calls. "Tensor!" is written to.
  std::string signature() const;
};

// Finds "namespace::name.overload". Throws std::invalid_argument with near names when there is
// none.
Operator FindOperator(const std::string& full_name);

// A type as the schema writes it, with "!" when the argument is written to: "Tensor!", "int[]?".
std::string TypeText(const c10::Argument& argument);

// The names of all operators that have a schema, sorted.
std::vector<std::string> AllOperators();

}  // namespace cello
