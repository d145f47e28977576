// What tensors hold on a device: our allocator's counts on the CPU, libtorch's on CUDA.
#pragma once

#include <c10/core/Device.h>

#include "engine/allocator.h"

namespace cello {

MemoryStats GetMemoryStats(c10::Device device);
void ResetPeak(c10::Device device);
void EmptyCache(c10::Device device);

}  // namespace cello
