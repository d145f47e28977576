#include "door/exports.h"

namespace cello::door {
namespace {

napi_value PushScope(Call& call) {
  return call.From(static_cast<double>(call.engine.slots.PushScope()));
}

// popScope(depth, kept slots)
napi_value PopScope(Call& call) {
  call.engine.slots.PopScope(static_cast<uint32_t>(call.Int(0)),
                             call.Given(1) ? call.Numbers(1) : std::vector<double>{});
  return call.Undefined();
}

napi_value Keep(Call& call) {
  call.engine.slots.Keep(call.Number(0));
  return call.Undefined();
}

napi_value Release(Call& call) {
  call.engine.slots.Release(call.Number(0));
  return call.Undefined();
}

napi_value IsLive(Call& call) { return call.From(call.engine.slots.Has(call.Number(0))); }

napi_value LiveTensors(Call& call) {
  return call.From(static_cast<double>(call.engine.slots.live()));
}

}  // namespace

std::span<const Export> ScopeExports() {
  static constexpr Export kExports[] = {
      {"pushScope", PushScope}, {"popScope", PopScope}, {"keep", Keep},
      {"release", Release},     {"isLive", IsLive},     {"liveTensors", LiveTensors},
  };
  return kExports;
}

}  // namespace cello::door
