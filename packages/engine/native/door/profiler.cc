#include "engine/profiler.h"

#include "door/exports.h"

namespace cello::door {
namespace {

// startProfiler(path, hasShapes, hasCuda)
napi_value Start(Call& call) {
  StartProfiler(call.Text(0), {call.Bool(1), call.Bool(2)});
  return call.Undefined();
}

// stopProfiler(path)
napi_value Stop(Call& call) {
  StopProfiler(call.Text(0));
  return call.Undefined();
}

}  // namespace

std::span<const Export> ProfilerExports() {
  static constexpr Export kExports[] = {{"startProfiler", Start}, {"stopProfiler", Stop}};
  return kExports;
}

}  // namespace cello::door
