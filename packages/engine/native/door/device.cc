// Devices, threads, autocast, and what this libtorch is.
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/autocast_mode.h>
#include <ATen/core/dispatch/Dispatcher.h>

#include "door/exports.h"
#include "engine/cuda.h"

namespace cello::door {
namespace {

// setTorchLibraries(folder)
napi_value SetLibraries(Call& call) {
  SetTorchLibraries(call.Text(0));
  return call.Undefined();
}

napi_value GetCudaDeviceCount(Call& call) {
  return call.From(static_cast<double>(cello::CudaDeviceCount()));
}

// synchronize(device): waits for all work of a CUDA device.
napi_value Synchronize(Call& call) {
  SynchronizeDevice(call.Device(0));
  return call.Undefined();
}

napi_value GetNumThreads(Call& call) {
  return call.From(static_cast<double>(at::get_num_threads()));
}

napi_value SetNumThreads(Call& call) {
  const int64_t count = call.Int(0);
  if (count < 1 || count > 1024) throw ArgumentError("expected 1 to 1024 threads");
  at::set_num_threads(static_cast<int>(count));
  return call.Undefined();
}

// setAutocast(device, enabled, dtype): [enabled, dtype] as they were.
napi_value SetAutocast(Call& call) {
  const c10::DeviceType type = call.Device(0).type();
  const bool is_on = call.Bool(1);
  const auto dtype = static_cast<at::ScalarType>(call.Int(2));
  const auto dtype_before = at::autocast::get_autocast_dtype(type);
  const int64_t before[] = {at::autocast::is_autocast_enabled(type),
                            static_cast<int64_t>(dtype_before)};
  // The cache has a weight once, and does not ask in which dtype.
  if (dtype != dtype_before) at::autocast::clear_cache();
  at::autocast::set_autocast_dtype(type, dtype);
  at::autocast::set_autocast_enabled(type, is_on);
  return call.From(std::span<const int64_t>(before));
}

// nestAutocast(+1 or -1): leaving the outermost region forgets the weights that were cast.
napi_value NestAutocast(Call& call) {
  if (call.Int(0) > 0) {
    at::autocast::increment_nesting();
  } else if (at::autocast::decrement_nesting() == 0) {
    at::autocast::clear_cache();
  }
  return call.Undefined();
}

napi_value TorchConfig(Call& call) { return call.From(at::show_config()); }
napi_value CpuCapability(Call& call) { return call.From(at::get_cpu_capability()); }

napi_value NumOperators(Call& call) {
  return call.From(static_cast<double>(c10::Dispatcher::singleton().getAllOpNames().size()));
}

}  // namespace

std::span<const Export> DeviceExports() {
  static constexpr Export kExports[] = {
      {"cpuCapability", CpuCapability}, {"cudaDeviceCount", GetCudaDeviceCount},
      {"getNumThreads", GetNumThreads}, {"nestAutocast", NestAutocast},
      {"numOperators", NumOperators},   {"setAutocast", SetAutocast},
      {"setNumThreads", SetNumThreads}, {"setTorchLibraries", SetLibraries},
      {"synchronize", Synchronize},     {"torchConfig", TorchConfig},
  };
  return kExports;
}

}  // namespace cello::door
