#include "engine/copy-stream.h"

#include <c10/core/GradMode.h>
#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <stdexcept>

#include "engine/describe.h"

namespace cello {

DeviceEvent::DeviceEvent(c10::Device device) : device_(device) {
  if (!device.is_cpu()) event_.emplace(device.type());
}

c10::Stream DeviceEvent::StreamOr(std::optional<c10::Stream> stream) const {
  return stream ? *stream : c10::impl::VirtualGuardImpl(device_.type()).getStream(device_);
}

void DeviceEvent::Record(std::optional<c10::Stream> stream) {
  if (event_) event_->record(StreamOr(stream));
}

void DeviceEvent::Block(std::optional<c10::Stream> stream) const {
  if (event_) event_->block(StreamOr(stream));
}

std::optional<c10::Stream> NewCopyStream(c10::Device device) {
  if (device.is_cpu()) return std::nullopt;
  return c10::impl::VirtualGuardImpl(device.type()).getStreamFromGlobalPool(device, false);
}

void CopyToDevice(const at::Tensor& target, const at::Tensor& source,
                  std::optional<c10::Stream> stream, const DeviceEvent* after,
                  DeviceEvent& copied) {
  // Anything else would go through memory of the computing stream, or wait for it.
  const bool fits = target.scalar_type() == source.scalar_type() &&
                    target.sizes() == source.sizes() && target.is_contiguous() &&
                    source.is_contiguous() && source.is_cpu() && target.device() == copied.device();
  if (!fits) {
    throw std::invalid_argument(
        "expected two contiguous tensors of one dtype and shape, one on the "
        "CPU and one on " +
        copied.device().str() + ", got " + Describe(source) + " and " + Describe(target));
  }
  const c10::NoGradGuard no_grad;
  const c10::OptionalStreamGuard guard(stream);
  if (after != nullptr) after->Block(stream);
  target.copy_(source, /*non_blocking=*/true);
  copied.Record(stream);
}

}  // namespace cello
