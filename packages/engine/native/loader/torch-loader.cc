// Loads shared libraries by absolute path, before the addon that needs them is opened. Node's own
// process.dlopen cannot: it closes every library that is not an addon.
#include <dlfcn.h>
#include <node_api.h>
#include <torch/headeronly/version.h>  // macros only: this file knows libtorch by its C names

#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

// loadLibrary(path): opens `path` for the life of the process; throws dlerror()'s sentence.
napi_value LoadLibrary(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value path_value;
  size_t length = 0;
  napi_get_cb_info(env, info, &count, &path_value, nullptr, nullptr);
  if (napi_get_value_string_utf8(env, path_value, nullptr, 0, &length) != napi_ok) {
    napi_throw_type_error(env, nullptr, "loadLibrary expects a path");
    return nullptr;
  }
  std::string path(length + 1, '\0');
  napi_get_value_string_utf8(env, path_value, path.data(), path.size(), &length);
  if (dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL) == nullptr) {
    napi_throw_error(env, nullptr, dlerror());
  }
  return nullptr;
}

// torchVersion(): "2.15.0", as the libtorch that was loaded first says it; undefined when none
// does. All later libraries of the process use that one, whichever folder they come from.
napi_value TorchVersion(napi_env env, napi_callback_info) {
  napi_value result;
  const auto abi_version =
      reinterpret_cast<uint64_t (*)()>(dlsym(RTLD_DEFAULT, "aoti_torch_abi_version"));
  if (abi_version == nullptr) {
    napi_get_undefined(env, &result);
    return result;
  }
  const uint64_t version = abi_version();
  const auto byte = [&](int shift) { return std::to_string(version >> shift & 0xff); };
  const std::string text = byte(56) + "." + byte(48) + "." + byte(40);
  napi_create_string_utf8(env, text.data(), text.size(), &result);
  return result;
}

// libgomp reads the environment once, when libtorch is loaded. By default its threads spin while
// they wait for each other; where cores are shared with other work, a training step then took 2 to
// 10 times as long. Not from JavaScript: a worker's process.env is a copy.
void LetThreadsSleep() {
  if (std::getenv("GOMP_SPINCOUNT") == nullptr)
    setenv("OMP_WAIT_POLICY", "PASSIVE", /*overwrite=*/0);
}

void Define(napi_env env, napi_value exports, const char* name, napi_callback body) {
  napi_value function;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, body, nullptr, &function);
  napi_set_named_property(env, exports, name, function);
}

}  // namespace

NAPI_MODULE_INIT() {
  // libtorch's profiler talks on stderr from the moment it is loaded; whoever wants to listen sets
  // the variable.
  setenv("KINETO_LOG_LEVEL", "99", /*overwrite=*/0);
  LetThreadsSleep();
  Define(env, exports, "loadLibrary", LoadLibrary);
  Define(env, exports, "torchVersion", TorchVersion);
  napi_value compiled_for;
  napi_create_string_utf8(env, TORCH_VERSION, NAPI_AUTO_LENGTH, &compiled_for);
  napi_set_named_property(env, exports, "compiledFor", compiled_for);
  return exports;
}
