// See micro-gemm.h.
#include "micro-gemm.h"

#include <ATen/Context.h>
#include <ATen/native/CPUBlas.h>

namespace cello {

template <>
void MicroGemm(int64_t m, int64_t n, int64_t k, Rows<const float> a, Rows<const float> panel,
               Rows<float> c, bool accumulate) {
  at::native::cpublas::brgemm(m, n, k, a.stride, panel.stride, c.stride, accumulate, a.data,
                              panel.data, c.data, /*is_vnni=*/false);
}

template <>
void MicroGemm(int64_t m, int64_t n, int64_t k, Rows<const Bf16> a, Rows<const float> panel,
               Rows<float> c, bool accumulate) {
  at::native::cpublas::brgemm(m, n, RoundUp(k, 2), a.stride, panel.stride, c.stride, accumulate,
                              reinterpret_cast<const at::BFloat16*>(a.data),
                              reinterpret_cast<const at::BFloat16*>(panel.data), c.data,
                              /*is_vnni=*/true);
}

template <>
void ReleaseMicroGemm<float>() {
  at::native::cpublas::brgemm_release(/*is_vnni=*/false);
}

template <>
void ReleaseMicroGemm<Bf16>() {
  at::native::cpublas::brgemm_release(/*is_vnni=*/true);
}

namespace {

// Whether libtorch has them for bfloat16 on this cpu: it says so only by throwing.
bool ProbeBf16() {
  alignas(64) Bf16 a[16 * 16] = {};
  alignas(64) float panel[8 * 16] = {};
  alignas(64) float c[16 * 16];
  try {
    MicroGemm<Bf16>(16, 16, 16, {a, 16}, {panel, 16}, {c, 16}, false);
    ReleaseMicroGemm<Bf16>();
    return true;
  } catch (const c10::Error&) {
    return false;
  }
}

}  // namespace

template <>
bool HasMicroGemm<float>() {
  return at::globalContext().userEnabledMkldnn();
}

template <>
bool HasMicroGemm<Bf16>() {
  if (!at::globalContext().userEnabledMkldnn()) return false;
  static const bool has = ProbeBf16();
  return has;
}

}  // namespace cello
