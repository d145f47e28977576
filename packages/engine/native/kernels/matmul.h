// Products of large matrices out of micro-kernels, with something done to each tile of the result
// while it is in the cache.
//
// a [m][k] is read where it lies. The second operand is asked for panel by panel (kPanel columns),
// each packed by the thread that needs it, so packing may convert, join or transpose; and the
// result, in float, is handed over tile by tile.
#pragma once

#include <c10/util/FunctionRef.h>

#include "lanes/lane-kernels.h"

namespace cello {

constexpr int64_t kPanelColumns = 64;

// Columns [column, column + columns) of rows [k, k + k_count) of the second operand are wanted.
struct PanelRequest {
  int64_t column;
  int64_t columns;
  int64_t k;
  int64_t k_count;
  Rows<float> panel;
  bool is_first;  // exactly one request for each part of the operand is the first
};

// values[i][j] is the result at (row + i, column + j).
struct Tile {
  int64_t row;
  int64_t rows;
  int64_t column;
  int64_t columns;
  Rows<const float> values;
};

// pack and finish are called by several threads at once; for different panels and tiles.
template <typename T>
void Matmul(int64_t m, int64_t n, int64_t k, Rows<const T> a,
            c10::function_ref<void(const PanelRequest&)> pack,
            c10::function_ref<void(const Tile&)> finish);

}  // namespace cello
