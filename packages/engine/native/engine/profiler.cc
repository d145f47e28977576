#include "engine/profiler.h"

#include <torch/csrc/autograd/profiler_kineto.h>

#include <atomic>
#include <fstream>
#include <set>
#include <stdexcept>

namespace cello {
namespace {

using torch::profiler::impl::ActivityType;

// libtorch records one profile at a time in a process, and ends it in the thread that began it.
std::atomic<bool> is_running{false};
thread_local bool is_mine = false;

// Kineto logs a file that it cannot write, and goes on.
void CheckWritable(const std::string& path) {
  if (std::ofstream(path, std::ios::app)) return;
  throw std::runtime_error("the trace cannot be written to " + path);
}

}  // namespace

void StartProfiler(const std::string& path, const ProfilerOptions& options) {
  if (is_running.exchange(true)) throw std::logic_error("a profile is being recorded already");
  std::set<ActivityType> activities = {ActivityType::CPU};
  if (options.has_cuda) activities.insert(ActivityType::CUDA);
  const torch::profiler::impl::ProfilerConfig config(torch::profiler::impl::ProfilerState::KINETO,
                                                     options.has_shapes);
  try {
    CheckWritable(path);  // before hours are recorded for nothing
    torch::autograd::profiler::prepareProfiler(config, activities);
    torch::autograd::profiler::enableProfiler(config, activities);
  } catch (...) {
    is_running = false;
    throw;
  }
  is_mine = true;
}

void StopProfiler(const std::string& path) {
  if (!is_mine) throw std::logic_error("no profile is being recorded in this thread");
  is_mine = false;
  const auto result = torch::autograd::profiler::disableProfiler();
  is_running = false;
  CheckWritable(path);
  result->save(path);
}

void AbandonProfiler() noexcept {
  if (!is_mine) return;
  is_mine = false;
  try {
    torch::autograd::profiler::disableProfiler();
  } catch (...) {  // then there is nothing to end
  }
  is_running = false;
}

}  // namespace cello
