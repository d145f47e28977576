// A JavaScript value that C++ keeps alive, and may let go of on any thread.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "door/door.h"

namespace cello::door {

// The references of one JavaScript thread. Outlives its Engine when C++ objects still point here.
class ReferenceKeeper {
 public:
  explicit ReferenceKeeper(napi_env env) : env_(env) {}

  // Deletes now on the JavaScript thread, at the next Drain() otherwise, never after Close().
  void Delete(napi_ref reference);
  void Drain();
  void Close();  // the JavaScript thread ends; its references die with it
  bool OnItsThread() const { return !is_closed_ && std::this_thread::get_id() == thread_; }

 private:
  const napi_env env_;
  const std::thread::id thread_ = std::this_thread::get_id();
  std::mutex mutex_;
  std::vector<napi_ref> dead_;
  std::atomic<bool> is_closed_{false};
};

class JsReference {
 public:
  JsReference(Engine& engine, napi_value value);
  ~JsReference();
  JsReference(const JsReference&) = delete;
  JsReference& operator=(const JsReference&) = delete;

  napi_value Get(Engine& engine) const;
  bool OnItsThread() const { return keeper_->OnItsThread(); }

  // Calls it, a function, without arguments. Throws JsException when it throws.
  void Call(Engine& engine) const;

 private:
  std::shared_ptr<ReferenceKeeper> keeper_;
  napi_ref reference_ = nullptr;
};

// Functions that other threads want called: they wait until the JavaScript thread comes by.
class LateCalls {
 public:
  void Add(std::shared_ptr<JsReference> function);
  void Run(Engine& engine);
  void Clear();

 private:
  std::vector<std::shared_ptr<JsReference>> Take();

  std::mutex mutex_;
  std::vector<std::shared_ptr<JsReference>> waiting_;
};

}  // namespace cello::door
