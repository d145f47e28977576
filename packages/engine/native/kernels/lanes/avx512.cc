// The kernels for AVX-512 (F, BW, DQ, VL). sources.cmake says with which flags.
#define CELLO_LANES lanes_avx512

#include "table.h"
#include "tables.h"

namespace cello {

const LaneKernels kAvx512 = CELLO_LANES::Table("avx512");

}  // namespace cello
