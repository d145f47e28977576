#include "engine/operator.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace cello {
namespace {

c10::OperatorName ParseName(const std::string& full_name) {
  const size_t dot = full_name.find('.', full_name.find("::"));
  if (dot == std::string::npos) return {full_name, ""};
  return {full_name.substr(0, dot), full_name.substr(dot + 1)};
}

std::string NotFound(const std::string& full_name) {
  const std::string base = ParseName(full_name).name;
  std::string near;
  for (const c10::OperatorName& name : c10::Dispatcher::singleton().getAllOpNames()) {
    if (name.name != base) continue;
    near += near.empty() ? "; there are " : ", ";
    near += name.overload_name.empty() ? name.name : name.name + "." + name.overload_name;
  }
  return "no operator is named '" + full_name + "'" + near;
}

bool IsWritten(const c10::Argument& argument) {
  return argument.alias_info() != nullptr && argument.alias_info()->isWrite();
}

// The argument that result `r` aliases and writes, or -1.
int AliasOf(const c10::FunctionSchema& schema, size_t r) {
  const c10::AliasInfo* result = schema.returns()[r].alias_info();
  if (result == nullptr || !result->isWrite()) return -1;
  for (size_t a = 0; a < schema.arguments().size(); ++a) {
    const c10::AliasInfo* argument = schema.arguments()[a].alias_info();
    if (argument != nullptr && argument->beforeSets() == result->beforeSets()) {
      return static_cast<int>(a);
    }
  }
  return -1;
}

}  // namespace

Operator::Operator(c10::OperatorHandle operator_handle, std::string full_name)
    : handle(std::move(operator_handle)), name(std::move(full_name)) {
  const c10::FunctionSchema& schema = handle.schema();
  for (const c10::Argument& argument : schema.arguments()) {
    const auto& default_value = argument.default_value();
    parameters.push_back({argument.name(), argument.real_type().get(),
                          default_value ? &*default_value : nullptr, argument.N().value_or(0),
                          IsWritten(argument)});
  }
  for (size_t r = 0; r < schema.returns().size(); ++r) result_alias.push_back(AliasOf(schema, r));
}

std::string TypeText(const c10::Argument& argument) {
  return argument.real_type()->str() + (IsWritten(argument) ? "!" : "");
}

std::string Operator::signature() const {
  const c10::FunctionSchema& schema = handle.schema();
  const auto list = [](const std::vector<c10::Argument>& arguments) {
    std::string text;
    for (const c10::Argument& argument : arguments) {
      text += (text.empty() ? "" : ", ") + TypeText(argument);
    }
    return text;
  };
  return list(schema.arguments()) + " -> " + list(schema.returns());
}

Operator FindOperator(const std::string& full_name) {
  const auto handle = c10::Dispatcher::singleton().findSchema(ParseName(full_name));
  if (!handle) throw std::invalid_argument(NotFound(full_name));
  return Operator(*handle, full_name);
}

std::vector<std::string> AllOperators() {
  std::vector<std::string> names;
  for (const c10::OperatorName& name : c10::Dispatcher::singleton().getAllOpNames()) {
    if (c10::Dispatcher::singleton().findSchema(name)) names.push_back(c10::toString(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace cello
