// The kernels for AVX2 with FMA. sources.cmake says with which flags.
#define CELLO_LANES lanes_avx2

#include "table.h"
#include "tables.h"

namespace cello {

const LaneKernels kAvx2 = CELLO_LANES::Table("avx2");

}  // namespace cello
