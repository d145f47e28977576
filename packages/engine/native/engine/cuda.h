// CUDA on demand: libtorch's CUDA half is large and slow to load, so it is loaded by the first call
// that names a CUDA device, and only where there is a driver.
#pragma once

#include <c10/core/Device.h>

#include <cstdint>
#include <string>

namespace cello {

// Where libtorch's libraries are. Called once, before anything else here.
void SetTorchLibraries(const std::string& folder);

// 0 without a driver, or with a libtorch that was built without CUDA.
int CudaDeviceCount();

// Reads "cpu", "cuda" or "cuda:1", and loads CUDA for the latter two. Throws std::invalid_argument
// that says what is missing for a device that cannot be used.
c10::Device ParseDevice(const std::string& name);

void SynchronizeDevice(c10::Device device);

// Seeds the default generators of all CUDA devices, as soon as CUDA is loaded.
void SeedCuda(uint64_t seed);

}  // namespace cello
