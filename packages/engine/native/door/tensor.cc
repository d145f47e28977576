// What a tensor is: its axes, dtype, device; and the one number of a tensor of one element.
#include "door/exports.h"
#include "door/values.h"
#include "engine/describe.h"

namespace cello::door {
namespace {

napi_value Sizes(Call& call) { return call.From(call.Tensor(0).sizes()); }
napi_value Strides(Call& call) { return call.From(call.Tensor(0).strides()); }

napi_value NumAxes(Call& call) { return call.From(static_cast<double>(call.Tensor(0).dim())); }

napi_value NumElements(Call& call) { return call.FromInt(call.Tensor(0).numel()); }

napi_value Dtype(Call& call) {
  return call.From(static_cast<double>(call.Tensor(0).scalar_type()));
}

napi_value DeviceName(Call& call) { return call.From(call.Tensor(0).device().str()); }

napi_value IsContiguous(Call& call) { return call.From(call.Tensor(0).is_contiguous()); }

napi_value RequiresGrad(Call& call) { return call.From(call.Tensor(0).requires_grad()); }

napi_value SetRequiresGrad(Call& call) {
  call.Tensor(0).set_requires_grad(call.Bool(1));
  return call.Undefined();
}

napi_value Item(Call& call) {
  const at::Tensor& tensor = call.Tensor(0);
  const at::Scalar value = tensor.item();
  if (value.type() == at::kUInt64) {
    napi_value result;
    Check(call.engine, napi_create_bigint_uint64(call.env(), value.toUInt64(), &result));
    return value.toUInt64() > (uint64_t{1} << 53) ? result : call.FromInt(value.toLong());
  }
  return MakeResult(call.engine, c10::IValue(value));
}

}  // namespace

std::span<const Export> TensorExports() {
  static constexpr Export kExports[] = {
      {"deviceName", DeviceName},
      {"dtype", Dtype},
      {"isContiguous", IsContiguous},
      {"item", Item},
      {"numAxes", NumAxes},
      {"numElements", NumElements},
      {"requiresGrad", RequiresGrad},
      {"setRequiresGrad", SetRequiresGrad},
      {"sizes", Sizes},
      {"strides", Strides},
  };
  return kExports;
}

}  // namespace cello::door
