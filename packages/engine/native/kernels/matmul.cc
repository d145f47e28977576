// See matmul.h.
#include "matmul.h"

#include <algorithm>

#include "micro-gemm.h"
#include "scratch.h"
#include "workers.h"

namespace cello {

namespace {

constexpr int64_t kTileRows = 64;
constexpr int64_t kMaxTaskRows = 512;
// Rows of words of a panel that are packed at once: 512 KB, half of a common second-level cache.
constexpr int64_t kMaxPanelRows = 2048;

// A task is a panel, times some rows of `a`.
struct Plan {
  int64_t panels;
  int64_t row_blocks;
  int64_t task_rows;
  int64_t k_step;
  int64_t panel_rows;  // of words, for k_step

  int64_t tasks() const { return panels * row_blocks; }
};

template <typename T>
Plan MakePlan(int64_t m, int64_t n, int64_t k) {
  constexpr int64_t kPerWord = sizeof(float) / sizeof(T);
  const int64_t panels = CeilDivide(n, kPanelColumns);
  const int64_t wanted_blocks = CeilDivide(2 * at::get_num_threads(), panels);
  const int64_t blocks = std::max(wanted_blocks, CeilDivide(m, kMaxTaskRows));
  const int64_t task_rows = RoundUp(CeilDivide(m, blocks), kTileRows);
  const int64_t pieces = CeilDivide(k, kMaxPanelRows * kPerWord);
  const int64_t k_step = RoundUp(CeilDivide(k, pieces), 32);
  return {panels, CeilDivide(m, task_rows), task_rows, k_step, k_step / kPerWord};
}

// What one thread does.
template <typename T>
class MatmulWorker {
 public:
  MatmulWorker(const Plan& plan, int64_t m, int64_t n, int64_t k, Rows<const T> a,
               c10::function_ref<void(const PanelRequest&)> pack,
               c10::function_ref<void(const Tile&)> finish)
      : plan_(plan), m_(m), n_(n), k_(k), a_(a), pack_(pack), finish_(finish) {}

  void Run(TaskQueue& queue) {
    for (int64_t task = queue.Next(); task >= 0; task = queue.Next()) {
      const int64_t column = task / plan_.row_blocks * kPanelColumns;
      const int64_t row = task % plan_.row_blocks * plan_.task_rows;
      RunTask(column, row, std::min(plan_.task_rows, m_ - row));
    }
    ReleaseMicroGemm<T>();
  }

 private:
  void RunTask(int64_t column, int64_t row, int64_t rows) {
    const int64_t columns = std::min(kPanelColumns, n_ - column);
    const bool whole = plan_.k_step >= k_;
    thread_local Scratch tile_memory;
    const Rows<float> result{tile_memory.Get<float>((whole ? kTileRows : rows) * kPanelColumns),
                             kPanelColumns};
    for (int64_t k = 0; k < k_; k += plan_.k_step) {
      const int64_t k_count = std::min(plan_.k_step, k_ - k);
      const Rows<float> panel = PanelFor(column, columns, k, k_count, row == 0);
      for (int64_t i = 0; i < rows; i += kTileRows) {
        const int64_t height = std::min(kTileRows, rows - i);
        const Rows<float> c{result[whole ? 0 : i], kPanelColumns};
        MicroGemm<T>(height, RoundUp(columns, kColumnStep), k_count, {a_[row + i] + k, a_.stride},
                     panel, c, k > 0);
        if (k + k_count == k_) finish_({row + i, height, column, columns, c});
      }
    }
  }

  // Tasks that follow each other often share a panel; then it is still there.
  Rows<float> PanelFor(int64_t column, int64_t columns, int64_t k, int64_t k_count, bool is_first) {
    thread_local Scratch panel_memory;
    const Rows<float> panel{panel_memory.Get<float>(plan_.panel_rows * kPanelColumns),
                            kPanelColumns};
    if (column == packed_column_ && k == packed_k_) return panel;
    pack_({column, columns, k, k_count, panel, is_first});
    packed_column_ = column;
    packed_k_ = k;
    return panel;
  }

  const Plan& plan_;
  const int64_t m_;
  const int64_t n_;
  const int64_t k_;
  const Rows<const T> a_;
  const c10::function_ref<void(const PanelRequest&)> pack_;
  const c10::function_ref<void(const Tile&)> finish_;
  int64_t packed_column_ = -1;
  int64_t packed_k_ = -1;
};

}  // namespace

template <typename T>
void Matmul(int64_t m, int64_t n, int64_t k, Rows<const T> a,
            c10::function_ref<void(const PanelRequest&)> pack,
            c10::function_ref<void(const Tile&)> finish) {
  const Plan plan = MakePlan<T>(m, n, k);
  RunWorkers(plan.tasks(),
             [&](TaskQueue& queue) { MatmulWorker<T>(plan, m, n, k, a, pack, finish).Run(queue); });
}

template void Matmul<float>(int64_t, int64_t, int64_t, Rows<const float>,
                            c10::function_ref<void(const PanelRequest&)>,
                            c10::function_ref<void(const Tile&)>);
template void Matmul<Bf16>(int64_t, int64_t, int64_t, Rows<const Bf16>,
                           c10::function_ref<void(const PanelRequest&)>,
                           c10::function_ref<void(const Tile&)>);

}  // namespace cello
