#include "door/js-reference.h"

#include <utility>

namespace cello::door {

void ReferenceKeeper::Delete(napi_ref reference) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (is_closed_) return;
  if (OnItsThread()) {
    napi_delete_reference(env_, reference);
  } else {
    dead_.push_back(reference);
  }
}

void ReferenceKeeper::Drain() {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (napi_ref reference : dead_) napi_delete_reference(env_, reference);
  dead_.clear();
}

void ReferenceKeeper::Close() {
  const std::lock_guard<std::mutex> lock(mutex_);
  is_closed_ = true;
}

JsReference::JsReference(Engine& engine, napi_value value) : keeper_(engine.keeper) {
  keeper_->Drain();
  Check(engine, napi_create_reference(engine.env, value, 1, &reference_));
}

JsReference::~JsReference() { keeper_->Delete(reference_); }

napi_value JsReference::Get(Engine& engine) const {
  napi_value value;
  Check(engine, napi_get_reference_value(engine.env, reference_, &value));
  return value;
}

}  // namespace cello::door
