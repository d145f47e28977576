// The addon: what `require("engine.node")` returns, once for each JavaScript thread.
#include "door/exports.h"

namespace {

using cello::door::Call;
using cello::door::Engine;
using cello::door::Export;

// setErrorFactory((kind, operator, message, arguments) => Error)
napi_value SetErrorFactory(Call& call) {
  napi_ref reference;
  cello::door::Check(call.engine, napi_create_reference(call.env(), call[0], 1, &reference));
  call.engine.error_factory = reference;
  return call.Undefined();
}

constexpr Export kModuleExports[] = {{"setErrorFactory", SetErrorFactory}};

}  // namespace

NAPI_MODULE_INIT() {
  using namespace cello::door;
  auto* engine = new Engine(env);
  napi_set_instance_data(
      env, engine, [](napi_env, void* data, void*) { delete static_cast<Engine*>(data); }, nullptr);
  try {
    for (const auto functions :
         {std::span<const Export>(kModuleExports), AutogradExports(), BufferExports(),
          CopyStreamExports(), DeviceExports(), MemoryExports(), OperatorExports(),
          ProfilerExports(), RandomExports(), ScopeExports(), TensorExports()}) {
      Define(*engine, exports, functions);
    }
  } catch (...) {
    ThrowCurrent(*engine, "", {});
  }
  return exports;
}
