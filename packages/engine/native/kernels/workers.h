// Hands tasks out one by one to the threads of libtorch's pool, so that a thread that is held up
// (by another process, or a slower core) does not hold up the rest. Who does which task is chance:
// what a task computes, and what sums go together, must not depend on it.
#pragma once

#include <ATen/Parallel.h>

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace cello {

// The next task, or -1 when there is none left.
class TaskQueue {
 public:
  explicit TaskQueue(int64_t tasks) : tasks_(tasks) {}

  int64_t Next() {
    const int64_t task = next_.fetch_add(1, std::memory_order_relaxed);
    return task < tasks_ ? task : -1;
  }

 private:
  const int64_t tasks_;
  std::atomic<int64_t> next_{0};
};

inline int64_t MaxWorkers() { return at::get_num_threads(); }

// Runs worker(queue) on as many threads as there are tasks for; each takes tasks until -1.
template <typename Worker>
void RunWorkers(int64_t tasks, const Worker& worker) {
  if (tasks <= 0) return;
  TaskQueue queue(tasks);
  const int64_t threads = std::min(tasks, MaxWorkers());
  if (threads == 1 || at::in_parallel_region()) return worker(queue);
  at::parallel_for(0, threads, 1, [&](int64_t, int64_t) { worker(queue); });
}

}  // namespace cello
