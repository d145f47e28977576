// Memory: installing the CPU allocator, what is counted, giving cached blocks back.
#include "door/exports.h"
#include "engine/available-memory.h"
#include "engine/device-memory.h"

namespace cello::door {
namespace {

// installAllocator(isCaching, cacheBytes, limitBytes)
napi_value Install(Call& call) {
  InstallAllocator(
      {call.Bool(0), static_cast<size_t>(call.Int(1)), static_cast<size_t>(call.Int(2))});
  return call.Undefined();
}

// memoryStats(device): [live, peak, reserved, allocations]
napi_value Stats(Call& call) {
  const MemoryStats stats = GetMemoryStats(call.Device(0));
  const int64_t values[] = {
      static_cast<int64_t>(stats.live_bytes), static_cast<int64_t>(stats.peak_bytes),
      static_cast<int64_t>(stats.reserved_bytes), static_cast<int64_t>(stats.allocations)};
  return call.From(std::span<const int64_t>(values));
}

napi_value LiveBytes(Call& call) {
  return call.From(static_cast<double>(GetMemoryStats().live_bytes));
}

// availableBytes(root): what the files below `root` say of memory; "" for this machine.
napi_value Available(Call& call) {
  return call.From(static_cast<double>(AvailableBytes(FilesBelow(call.Text(0)))));
}

// resetPeak(device)
napi_value Reset(Call& call) {
  ResetPeak(call.Device(0));
  return call.Undefined();
}

// emptyCache(device)
napi_value Empty(Call& call) {
  EmptyCache(call.Device(0));
  return call.Undefined();
}

}  // namespace

std::span<const Export> MemoryExports() {
  static constexpr Export kExports[] = {
      {"availableBytes", Available}, {"emptyCache", Empty},  {"installAllocator", Install},
      {"liveBytes", LiveBytes},      {"memoryStats", Stats}, {"resetPeak", Reset},
  };
  return kExports;
}

}  // namespace cello::door
