// oneDNN's micro-kernels, as libtorch has them (ATen/native/CPUBlas.h, brgemm): small products
// whose code is made at run time for this cpu, AVX2 to AMX. They run at the cpu's peak if the
// operands are in the cache.
#pragma once

#include "lanes/lane-kernels.h"

namespace cello {

// Whether micro-kernels for T run here at all. Asked again at each call, since libtorch's oneDNN
// can be switched off.
template <typename T>
bool HasMicroGemm();

// c [m][n] <- a [m][k] * panel [k][n] (+ c), on this thread. A panel of Bf16 must have a zero past
// an odd k; so must the rows of `a`.
template <typename T>
void MicroGemm(int64_t m, int64_t n, int64_t k, Rows<const T> a, Rows<const float> panel,
               Rows<float> c, bool accumulate);

// To be called by each thread after its last MicroGemm: frees AMX's tiles.
template <typename T>
void ReleaseMicroGemm();

}  // namespace cello
