#include "engine/cuda.h"

#include <ATen/Context.h>
#include <dlfcn.h>
#include <unistd.h>

#include <mutex>
#include <optional>
#include <stdexcept>

namespace cello {
namespace {

std::string libraries;

std::mutex seed_mutex;  // guards what follows
bool is_loaded = false;
std::optional<uint64_t> seed;

void SeedDevices() {
  for (c10::DeviceIndex i = 0; i < at::detail::getCUDAHooks().deviceCount(); ++i) {
    at::Generator generator = at::globalContext().defaultGenerator({c10::kCUDA, i});
    const std::lock_guard<std::mutex> lock(generator.mutex());
    generator.set_current_seed(*seed);
  }
}

// Why CUDA cannot be used; empty when it can.
std::string LoadCuda() {
  if (access("/dev/nvidiactl", F_OK) != 0) {
    return "this machine has no NVIDIA driver: /dev/nvidiactl is not there";
  }
  const std::string path = libraries + "/libtorch_cuda.so";
  if (access(path.c_str(), F_OK) != 0) {
    return "this libtorch was built without CUDA: " + path + " is not there";
  }
  if (dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL) == nullptr) {
    return std::string("libtorch's CUDA libraries did not load: ") + dlerror();
  }
  if (at::detail::getCUDAHooks().deviceCount() == 0) return "the NVIDIA driver shows no device";
  const std::lock_guard<std::mutex> lock(seed_mutex);
  is_loaded = true;
  if (seed) SeedDevices();
  return "";
}

const std::string& WhyNoCuda() {
  static const std::string why = LoadCuda();
  return why;
}

}  // namespace

void SetTorchLibraries(const std::string& folder) { libraries = folder; }

int CudaDeviceCount() { return WhyNoCuda().empty() ? at::detail::getCUDAHooks().deviceCount() : 0; }

c10::Device ParseDevice(const std::string& name) {
  const bool is_known =
      name == "cpu" || name == "meta" || name == "cuda" || name.starts_with("cuda:");
  if (!is_known)
    throw std::invalid_argument("expected a device 'cpu' or 'cuda:N', got '" + name + "'");
  const c10::Device device(name);
  if (!device.is_cuda()) return device;
  if (!WhyNoCuda().empty()) throw std::invalid_argument("no device " + name + ": " + WhyNoCuda());
  const int count = CudaDeviceCount();
  if (device.index() >= count) {
    throw std::invalid_argument("no device " + name + ": there are " + std::to_string(count));
  }
  return device;
}

void SynchronizeDevice(c10::Device device) {
  if (!device.is_cuda()) return;
  at::detail::getCUDAHooks().deviceSynchronize(device.has_index() ? device.index() : 0);
}

void SeedCuda(uint64_t new_seed) {
  const std::lock_guard<std::mutex> lock(seed_mutex);
  seed = new_seed;
  if (is_loaded) SeedDevices();
}

}  // namespace cello
