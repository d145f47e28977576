#include "engine/device-memory.h"

#include <c10/core/CachingDeviceAllocator.h>

#include <stdexcept>

namespace cello {
namespace {

// libtorch's allocator of a device, or null as long as nothing was put there.
c10::DeviceAllocator* AllocatorOf(c10::Device device) {
  if (!device.is_cuda()) {
    throw std::invalid_argument("expected a device 'cpu' or 'cuda:N', got '" + device.str() + "'");
  }
  c10::DeviceAllocator* allocator = c10::getDeviceAllocator(device.type());
  return allocator->initialized() ? allocator : nullptr;
}

c10::DeviceIndex IndexOf(c10::Device device) {
  return device.has_index() ? device.index() : c10::DeviceIndex{0};
}

}  // namespace

MemoryStats GetMemoryStats(c10::Device device) {
  if (device.is_cpu()) return GetMemoryStats();
  c10::DeviceAllocator* allocator = AllocatorOf(device);
  if (allocator == nullptr) return {};
  const auto stats = allocator->getDeviceStats(IndexOf(device));
  const auto all = static_cast<size_t>(c10::CachingAllocator::StatType::AGGREGATE);
  return {static_cast<uint64_t>(stats.allocated_bytes[all].current),
          static_cast<uint64_t>(stats.allocated_bytes[all].peak),
          static_cast<uint64_t>(stats.reserved_bytes[all].current),
          static_cast<uint64_t>(stats.allocation[all].allocated)};
}

void ResetPeak(c10::Device device) {
  if (device.is_cpu()) return ResetPeak();
  if (auto* allocator = AllocatorOf(device)) allocator->resetPeakStats(IndexOf(device));
}

void EmptyCache(c10::Device device) {
  if (device.is_cpu()) return EmptyCache();
  if (auto* allocator = AllocatorOf(device)) allocator->emptyCache();
}

}  // namespace cello
