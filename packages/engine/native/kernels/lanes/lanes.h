// Several floats at a time, for the instruction set that the including file is compiled for.
//
// CELLO_LANES names the namespace. It must differ from file to file: otherwise the linker would
// take one file's inline functions for all, and so instructions that a machine may not have.
#pragma once

#ifndef CELLO_LANES
#error "define CELLO_LANES, a namespace of this file's own, before lanes.h is included"
#endif

#if defined(__AVX512F__)
#include "lanes-avx512.h"
#elif defined(__AVX2__)
#include "lanes-avx2.h"
#else
#error "lanes.h needs AVX-512 or AVX2"
#endif
