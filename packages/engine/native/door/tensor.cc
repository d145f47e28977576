// What a tensor is: its axes, dtype, device; and the one number of a tensor of one element.
#include "door/exports.h"
#include "door/schema-values.h"
#include "engine/describe.h"

namespace cello::door {
namespace {

// setSizesArray(Float64Array): where readSizes writes.
napi_value SetSizesArray(Call& call) {
  napi_typedarray_type type;
  size_t length = 0;
  void* data = nullptr;
  Check(call.engine,
        napi_get_typedarray_info(call.env(), call[0], &type, &length, &data, nullptr, nullptr));
  if (type != napi_float64_array || length < Engine::kMaxSizes) {
    throw ArgumentError("expected a Float64Array of " + std::to_string(Engine::kMaxSizes));
  }
  Check(call.engine, napi_create_reference(call.env(), call[0], 1, &call.engine.sizes_owner));
  call.engine.sizes = static_cast<double*>(data);
  return call.Undefined();
}

// readSizes(tensor): writes them into the array, and returns how many there are. An array made
// here would cost several times as much.
napi_value ReadSizes(Call& call) {
  const at::IntArrayRef sizes = call.Tensor(0).sizes();
  if (sizes.size() > Engine::kMaxSizes || call.engine.sizes == nullptr) {
    throw ArgumentError("a tensor has " + std::to_string(sizes.size()) + " axes: too many");
  }
  std::copy(sizes.begin(), sizes.end(), call.engine.sizes);
  return call.From(static_cast<double>(sizes.size()));
}

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
  const at::Tensor& tensor = call.Tensor(0);
  const bool is_on = call.Bool(1);
  if (!is_on && !tensor.is_leaf()) {
    throw ArgumentError(
        "a computed tensor requires a gradient as long as its inputs do; "
        "detach() gives one without a history");
  }
  tensor.set_requires_grad(is_on);
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
      {"deviceName", DeviceName},     {"dtype", Dtype},
      {"isContiguous", IsContiguous}, {"item", Item},
      {"numAxes", NumAxes},           {"numElements", NumElements},
      {"requiresGrad", RequiresGrad}, {"setRequiresGrad", SetRequiresGrad},

      {"readSizes", ReadSizes},       {"setSizesArray", SetSizesArray},
      {"strides", Strides},
  };
  return kExports;
}

}  // namespace cello::door
