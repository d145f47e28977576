// The tables, one an instruction set; instruction-set.h chooses. Only on x86-64.
#pragma once

#include "lane-kernels.h"

namespace cello {

extern const LaneKernels kAvx2;
extern const LaneKernels kAvx512;
extern const LaneKernels kAvx512Bf16;

}  // namespace cello
