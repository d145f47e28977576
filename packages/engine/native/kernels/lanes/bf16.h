// The 16 upper bits of a float, as the kernels see them: no header of libtorch is included by the
// files of this folder, because those are compiled for instruction sets that the machine may lack,
// and an inline function of libtorch must not be taken from one of them by the linker.
#pragma once

#include <cstdint>

namespace cello {

struct Bf16 {
  uint16_t bits;
};

}  // namespace cello
