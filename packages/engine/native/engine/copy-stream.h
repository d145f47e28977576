// Copies that go on beside what a device computes, and marks in its work. Of any device that
// libtorch has streams for; on the CPU a call is over when it returns, and every mark has been
// passed.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Event.h>
#include <c10/core/Stream.h>

#include <optional>

namespace cello {

// A point in the work of a device, set anew by each record.
class DeviceEvent {
 public:
  explicit DeviceEvent(c10::Device device);

  // Behind all work of `stream` so far; without one, of the stream that operators go to.
  void Record(std::optional<c10::Stream> stream = std::nullopt);
  // Work that is given to `stream` from now on waits until the point is passed.
  void Block(std::optional<c10::Stream> stream = std::nullopt) const;
  // True as well when nothing was recorded yet. Never waits.
  bool IsPassed() const { return !event_ || event_->query(); }
  c10::Device device() const { return device_; }

 private:
  c10::Stream StreamOr(std::optional<c10::Stream> stream) const;

  c10::Device device_;
  std::optional<c10::Event> event_;  // none on the CPU
};

// A stream of the device's pool, which runs beside the one that operators go to. None on the CPU.
std::optional<c10::Stream> NewCopyStream(c10::Device device);

// Copies memory of the host into `target` on `stream`, behind `after`, and records `copied` there.
// Until that is passed, nobody may write to the source or touch the target. Throws
// std::invalid_argument unless both are contiguous, of one dtype and shape, the source on the CPU
// and the target on the device of `copied`.
void CopyToDevice(const at::Tensor& target, const at::Tensor& source,
                  std::optional<c10::Stream> stream, const DeviceEvent* after, DeviceEvent& copied);

}  // namespace cello
