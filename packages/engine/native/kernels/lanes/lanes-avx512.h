// Sixteen floats at a time, for AVX-512 (F, BW, DQ, VL), with bfloat16 conversions where the
// machine has them. lanes-avx2.h has the same names for eight; lane-math.h builds on either.
#pragma once

#include <immintrin.h>

#include "bf16.h"

namespace cello::CELLO_LANES {

using Lanes = __m512;   // kWidth floats; + - * / are the compiler's own
using Words = __m512i;  // kWidth words of 32 bits: floats, or pairs of bfloat16

constexpr int64_t kWidth = 16;

// How many of the lanes a load or a store may touch.
struct All {};
struct First {
  int64_t count;  // 0 < count < kWidth
  __mmask16 mask() const { return static_cast<__mmask16>((1U << count) - 1); }
};

inline Lanes Zero() { return _mm512_setzero_ps(); }
inline Lanes Fill(float x) { return _mm512_set1_ps(x); }

inline Lanes FromBf16(__m256i x) {
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(x), 16));
}

#ifdef __AVX512BF16__
inline __m256i ToBf16(Lanes x) { return reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(x)); }
#else
// Round to nearest, ties to even; a NaN stays one.
inline __m256i ToBf16(Lanes x) {
  const Words bits = _mm512_castps_si512(x);
  const Words odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
  Words rounded = _mm512_add_epi32(bits, _mm512_add_epi32(odd, _mm512_set1_epi32(0x7fff)));
  const __mmask16 nan = _mm512_cmp_ps_mask(x, x, _CMP_UNORD_Q);
  rounded = _mm512_mask_or_epi32(rounded, nan, bits, _mm512_set1_epi32(0x400000));
  return _mm512_cvtepi32_epi16(_mm512_srli_epi32(rounded, 16));
}
#endif

inline Lanes Load(const float* from, All) { return _mm512_loadu_ps(from); }
inline Lanes Load(const float* from, First n) { return _mm512_maskz_loadu_ps(n.mask(), from); }
inline Lanes Load(const Bf16* from, All) {
  return FromBf16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
}
inline Lanes Load(const Bf16* from, First n) {
  return FromBf16(_mm256_maskz_loadu_epi16(n.mask(), from));
}

inline void Store(float* to, Lanes x, All) { _mm512_storeu_ps(to, x); }
inline void Store(float* to, Lanes x, First n) { _mm512_mask_storeu_ps(to, n.mask(), x); }
inline void Store(Bf16* to, Lanes x, All) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), ToBf16(x));
}
inline void Store(Bf16* to, Lanes x, First n) { _mm256_mask_storeu_epi16(to, n.mask(), ToBf16(x)); }

inline Words LoadWords(const void* from) { return _mm512_loadu_si512(from); }
inline void StoreWords(void* to, Words x) { _mm512_storeu_si512(to, x); }
inline Words AsWords(Lanes x) { return _mm512_castps_si512(x); }
inline Lanes AsLanes(Words x) { return _mm512_castsi512_ps(x); }

// "Halves" are words whose lower half is a bfloat16, and whose upper half is zero.
inline Words Halves(__m256i x) { return _mm512_cvtepu16_epi32(x); }
inline Words HalvesOf(const float* from, All all) { return Halves(ToBf16(Load(from, all))); }
inline Words HalvesOf(const float* from, First n) { return Halves(ToBf16(Load(from, n))); }
inline Words HalvesOf(const Bf16* from, All) {
  return Halves(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
}
inline Words HalvesOf(const Bf16* from, First n) {
  return Halves(_mm256_maskz_loadu_epi16(n.mask(), from));
}
inline Words HalvesOf(Lanes x) { return Halves(ToBf16(x)); }
inline Lanes FromHalves(Words x) { return AsLanes(_mm512_slli_epi32(x, 16)); }

// Word i holds halves low[i] and, above it, high[i].
inline Words Interleave(Words low, Words high) {
  return _mm512_or_si512(low, _mm512_slli_epi32(high, 16));
}

// 2 kWidth neighbouring floats as kWidth pairs of bfloat16.
inline Words PairWords(Lanes first, Lanes second) {
  return _mm512_inserti64x4(_mm512_castsi256_si512(ToBf16(first)), ToBf16(second), 1);
}

// Where one operand is NaN, it is the result if it is `x`.
inline Lanes Max(Lanes bound, Lanes x) { return _mm512_max_ps(bound, x); }
inline Lanes Min(Lanes bound, Lanes x) { return _mm512_min_ps(bound, x); }
inline Lanes Sqrt(Lanes x) { return _mm512_sqrt_ps(x); }
inline Lanes Abs(Lanes x) { return _mm512_abs_ps(x); }
inline Lanes Round(Lanes x) { return _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT); }
inline Lanes ScaleByPowerOfTwo(Lanes x, Lanes exponent) { return _mm512_scalef_ps(x, exponent); }
inline float Sum(Lanes x) { return _mm512_reduce_add_ps(x); }
inline float Largest(Lanes x) { return _mm512_reduce_max_ps(x); }

// a where x < 0, else b.
inline Lanes WhereNegative(Lanes x, Lanes a, Lanes b) {
  return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(x, Zero(), _CMP_LT_OQ), b, a);
}

// x in the first lanes, and `other` in the rest.
inline Lanes Keep(Lanes x, Lanes, All) { return x; }
inline Lanes Keep(Lanes x, Lanes other, First n) {
  return _mm512_mask_blend_ps(n.mask(), other, x);
}

// Neighbours change places: (x0, x1, x2, x3, ...) becomes (x1, x0, x3, x2, ...).
inline Lanes SwapNeighbours(Lanes x) { return _mm512_permute_ps(x, 0b10110001); }

// (x0, x0, x1, x1, ...) of the kWidth / 2 floats at `from`.
inline Lanes LoadTwice(const float* from) {
  const __m512i places = _mm512_setr_epi32(0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7);
  return _mm512_permutexvar_ps(places, _mm512_castps256_ps512(_mm256_loadu_ps(from)));
}

// x with every second lane, from the first on, negated.
inline Lanes NegateEven(Lanes x) {
  const Words signs = _mm512_set1_epi64(0x0000000080000000);
  return _mm512_xor_ps(x, _mm512_castsi512_ps(signs));
}

// rows[i][j] becomes rows[j][i].
inline void Transpose(Words rows[16]) {
  Words t[16];
  for (int i = 0; i < 8; i++) {
    t[2 * i] = _mm512_unpacklo_epi32(rows[2 * i], rows[2 * i + 1]);
    t[2 * i + 1] = _mm512_unpackhi_epi32(rows[2 * i], rows[2 * i + 1]);
  }
  for (int i = 0; i < 4; i++) {
    rows[4 * i] = _mm512_unpacklo_epi64(t[4 * i], t[4 * i + 2]);
    rows[4 * i + 1] = _mm512_unpackhi_epi64(t[4 * i], t[4 * i + 2]);
    rows[4 * i + 2] = _mm512_unpacklo_epi64(t[4 * i + 1], t[4 * i + 3]);
    rows[4 * i + 3] = _mm512_unpackhi_epi64(t[4 * i + 1], t[4 * i + 3]);
  }
  for (int i = 0; i < 4; i++) {  // 0x88: lanes 0 and 2 of either; 0xdd: lanes 1 and 3
    t[i] = _mm512_shuffle_i32x4(rows[i], rows[i + 4], 0x88);
    t[i + 4] = _mm512_shuffle_i32x4(rows[i], rows[i + 4], 0xdd);
    t[i + 8] = _mm512_shuffle_i32x4(rows[i + 8], rows[i + 12], 0x88);
    t[i + 12] = _mm512_shuffle_i32x4(rows[i + 8], rows[i + 12], 0xdd);
  }
  for (int i = 0; i < 4; i++) {
    rows[i] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0x88);
    rows[i + 8] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0xdd);
    rows[i + 4] = _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0x88);
    rows[i + 12] = _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0xdd);
  }
}

}  // namespace cello::CELLO_LANES
