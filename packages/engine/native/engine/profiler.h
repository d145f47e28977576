// Traces of what operators ran when, for Chrome's or Perfetto's viewer.
#pragma once

#include <string>

namespace cello {

struct ProfilerOptions {
  bool has_shapes = false;  // record the arguments' shapes
  bool has_cuda = false;    // record CUDA kernels too
};

// Starts to record this thread's operators, for a trace at `path`. Throws std::logic_error when a
// thread does already, std::runtime_error when the file cannot be written.
void StartProfiler(const std::string& path, const ProfilerOptions& options);

// Ends it and writes the trace to `path` as Chrome JSON. Throws std::logic_error when none was
// started, std::runtime_error when the file can no longer be written.
void StopProfiler(const std::string& path);

// Ends it without a trace, if this thread began one: the thread ends, and others may want to.
void AbandonProfiler() noexcept;

}  // namespace cello
