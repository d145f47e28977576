// Copies beside what a device computes: page-locked memory, streams, marks in a device's work.
#include "engine/copy-stream.h"

#include <torch/custom_class.h>

#include "door/exports.h"
#include "door/js-reference.h"
#include "door/values.h"
#include "engine/page-lock.h"

namespace cello::door {
namespace {

template <typename Held>
struct Holder : torch::CustomClassHolder {
  template <typename... Arguments>
  explicit Holder(Arguments&&... arguments) : held(std::forward<Arguments>(arguments)...) {}
  Held held;
};

template <typename Held, typename... Arguments>
napi_value Make(Call& call, Arguments&&... arguments) {
  auto holder = c10::make_intrusive<Holder<Held>>(std::forward<Arguments>(arguments)...);
  return MakeOpaque(call.engine, c10::IValue::make_capsule(std::move(holder)));
}

template <typename Held>
Held& The(const Call& call, size_t i, const char* wanted) {
  const c10::IValue* value = ReadOpaque(call.engine, call[i]);
  if (value != nullptr && value->isCapsule()) {
    const auto capsule = value->toCapsule();
    // The opaque object that JavaScript holds keeps it alive during the call.
    if (auto* holder = dynamic_cast<Holder<Held>*>(capsule.get())) return holder->held;
  }
  throw ArgumentError(std::string("expected ") + wanted);
}

DeviceEvent& Event(const Call& call, size_t i) { return The<DeviceEvent>(call, i, "an event"); }

// lockPages(bytes): holds on to the Uint8Array until the pages are unlocked.
napi_value LockPages(Call& call) {
  auto held = std::make_shared<JsReference>(call.engine, call[0]);
  return Make<PageLock>(call, call.Bytes(0), [held = std::move(held)]() mutable { held.reset(); });
}

// unlockPages(lock): at once, and no harm done a second time.
napi_value UnlockPages(Call& call) {
  The<PageLock>(call, 0, "a page lock").Unlock();
  return call.Undefined();
}

// whyNotLocked(lock): empty when they are.
napi_value WhyNotLocked(Call& call) {
  return call.From(The<PageLock>(call, 0, "a page lock").why_not());
}

// makeCopyStream(device)
napi_value MakeCopyStream(Call& call) {
  return Make<std::optional<c10::Stream>>(call, NewCopyStream(call.Device(0)));
}

// makeEvent(device)
napi_value MakeEvent(Call& call) { return Make<DeviceEvent>(call, call.Device(0)); }

// copyToDevice(target, source, stream, after or null, copied)
napi_value Copy(Call& call) {
  const auto stream = The<std::optional<c10::Stream>>(call, 2, "a copy stream");
  const DeviceEvent* after = call.Given(3) ? &Event(call, 3) : nullptr;
  CopyToDevice(call.Tensor(0), call.Tensor(1), stream, after, Event(call, 4));
  return call.Undefined();
}

// recordEvent(event): behind what operators were asked for so far.
napi_value RecordEvent(Call& call) {
  Event(call, 0).Record();
  return call.Undefined();
}

// awaitEvent(event): operators that are asked for from now on wait for it, on the device.
napi_value AwaitEvent(Call& call) {
  Event(call, 0).Block();
  return call.Undefined();
}

// isEventPassed(event)
napi_value IsEventPassed(Call& call) { return call.From(Event(call, 0).IsPassed()); }

}  // namespace

std::span<const Export> CopyStreamExports() {
  static constexpr Export kExports[] = {
      {"awaitEvent", AwaitEvent},         {"copyToDevice", Copy},
      {"isEventPassed", IsEventPassed},   {"lockPages", LockPages},
      {"makeCopyStream", MakeCopyStream}, {"makeEvent", MakeEvent},
      {"recordEvent", RecordEvent},       {"unlockPages", UnlockPages},
      {"whyNotLocked", WhyNotLocked},
  };
  return kExports;
}

}  // namespace cello::door
