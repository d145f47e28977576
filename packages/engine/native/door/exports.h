// The functions of the door, by what they are about. Each list is defined in the file of its name.
#pragma once

#include <span>

#include "door/door.h"

namespace cello::door {

std::span<const Export> AutogradExports();    // autograd.cc
std::span<const Export> BufferExports();      // buffer.cc
std::span<const Export> CopyStreamExports();  // copy-stream.cc
std::span<const Export> DeviceExports();      // device.cc
std::span<const Export> MemoryExports();      // memory.cc
std::span<const Export> OperatorExports();    // operator-call.cc
std::span<const Export> ProfilerExports();    // profiler.cc
std::span<const Export> RandomExports();      // random.cc
std::span<const Export> ScopeExports();       // scope.cc
std::span<const Export> TensorExports();      // tensor.cc

}  // namespace cello::door
