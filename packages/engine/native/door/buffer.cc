// Tensors and ArrayBuffers: copies, and sharing of memory in both directions.
#include "engine/buffer.h"

#include "door/exports.h"
#include "door/js-reference.h"

namespace cello::door {
namespace {

at::ScalarType Dtype(const Call& call, size_t i) {
  const int64_t code = call.Int(i);
  if (code < 0 || code >= static_cast<int64_t>(at::ScalarType::NumOptions)) {
    throw ArgumentError("no dtype has the number " + std::to_string(code));
  }
  return static_cast<at::ScalarType>(code);
}

// fromBytes(bytes, dtype, shape, device)
napi_value FromBytes(Call& call) {
  return call.From(TensorFrom(call.Bytes(0), Dtype(call, 1), call.Ints(2), call.Device(3)));
}

// overBytes(bytes, dtype, shape): the tensor holds on to the Uint8Array.
napi_value OverBytes(Call& call) {
  auto held = std::make_shared<JsReference>(call.engine, call[0]);
  return call.From(TensorOver(call.Bytes(0), Dtype(call, 1), call.Ints(2),
                              [held = std::move(held)]() mutable { held.reset(); }));
}

// copyOut(tensor, dtype, bytes)
napi_value CopyOutTo(Call& call) {
  CopyOut(call.Tensor(0), Dtype(call, 1), call.Bytes(2));
  return call.Undefined();
}

// bytes(tensor): an ArrayBuffer over the tensor's memory, which holds on to the storage.
napi_value Bytes(Call& call) {
  const at::Tensor& tensor = call.Tensor(0);
  const std::span<std::byte> bytes = PinnedBytes(tensor);
  napi_value buffer;
  if (bytes.empty()) {
    void* data = nullptr;
    Check(call.engine, napi_create_arraybuffer(call.env(), 0, &data, &buffer));
    return buffer;
  }
  auto storage = std::make_unique<c10::Storage>(tensor.storage());
  Check(call.engine,
        napi_create_external_arraybuffer(
            call.env(), bytes.data(), bytes.size(),
            [](napi_env, void*, void* hint) { delete static_cast<c10::Storage*>(hint); },
            storage.get(), &buffer));
  storage.release();
  return buffer;
}

}  // namespace

std::span<const Export> BufferExports() {
  static constexpr Export kExports[] = {
      {"bytes", Bytes},
      {"copyOut", CopyOutTo},
      {"fromBytes", FromBytes},
      {"overBytes", OverBytes},
  };
  return kExports;
}

}  // namespace cello::door
