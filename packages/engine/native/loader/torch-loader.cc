// Loads shared libraries by absolute path, before the addon that needs them is opened. Node's own
// process.dlopen cannot: it closes every library that is not an addon.
#include <dlfcn.h>
#include <node_api.h>

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

}  // namespace

NAPI_MODULE_INIT() {
  // libtorch's profiler talks on stderr from the moment it is loaded; whoever wants to listen sets
  // the variable.
  setenv("KINETO_LOG_LEVEL", "99", /*overwrite=*/0);
  napi_value function;
  napi_create_function(env, "loadLibrary", NAPI_AUTO_LENGTH, LoadLibrary, nullptr, &function);
  napi_set_named_property(env, exports, "loadLibrary", function);
  return exports;
}
