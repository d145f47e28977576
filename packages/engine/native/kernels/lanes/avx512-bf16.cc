// The kernels for AVX-512 with its bfloat16 conversions. sources.cmake says with which flags.
#define CELLO_LANES lanes_avx512_bf16

#include "table.h"
#include "tables.h"

namespace cello {

const LaneKernels kAvx512Bf16 = CELLO_LANES::Table("avx512-bf16");

}  // namespace cello
