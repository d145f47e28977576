#include "door/js-reference.h"

#include <utility>

namespace cello::door {

void ReferenceKeeper::Delete(napi_ref reference) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (is_closed_) return;
  if (std::this_thread::get_id() == thread_) {
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

void JsReference::Call(Engine& engine) const {
  napi_handle_scope scope;
  Check(engine, napi_open_handle_scope(engine.env, &scope));
  try {
    napi_value undefined;
    Check(engine, napi_get_undefined(engine.env, &undefined));
    Check(engine, napi_call_function(engine.env, undefined, Get(engine), 0, nullptr, nullptr));
  } catch (...) {
    napi_close_handle_scope(engine.env, scope);
    throw;
  }
  napi_close_handle_scope(engine.env, scope);
}

napi_value JsReference::Get(Engine& engine) const {
  napi_value value;
  Check(engine, napi_get_reference_value(engine.env, reference_, &value));
  return value;
}

void LateCalls::Add(std::shared_ptr<JsReference> function) {
  const std::lock_guard<std::mutex> lock(mutex_);
  waiting_.push_back(std::move(function));
}

std::vector<std::shared_ptr<JsReference>> LateCalls::Take() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return std::exchange(waiting_, {});
}

void LateCalls::Run(Engine& engine) {
  for (const auto& function : Take()) function->Call(engine);
}

void LateCalls::Clear() { Take(); }

}  // namespace cello::door
