// Eight floats at a time, for AVX2 with FMA. The same names as lanes-avx512.h; what they mean is
// said there.
#pragma once

#include <immintrin.h>

#include "bf16.h"

namespace cello::CELLO_LANES {

using Lanes = __m256;
using Words = __m256i;

constexpr int64_t kWidth = 8;

struct All {};
struct First {
  int64_t count;
  __m256i mask() const {
    const __m256i places = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)), places);
  }
};

inline Lanes Zero() { return _mm256_setzero_ps(); }
inline Lanes Fill(float x) { return _mm256_set1_ps(x); }

inline Lanes FromBf16(__m128i x) {
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(x), 16));
}

// The bfloat16 of x in the lower half of each word.
inline Words RoundedToBf16(Lanes x) {
  const Words bits = _mm256_castps_si256(x);
  const Words odd = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
  const Words rounded = _mm256_add_epi32(bits, _mm256_add_epi32(odd, _mm256_set1_epi32(0x7fff)));
  const Words quiet = _mm256_or_si256(bits, _mm256_set1_epi32(0x400000));
  const Words nan = _mm256_castps_si256(_mm256_cmp_ps(x, x, _CMP_UNORD_Q));
  return _mm256_srli_epi32(_mm256_blendv_epi8(rounded, quiet, nan), 16);
}

inline __m128i ToBf16(Lanes x) {
  const Words words = RoundedToBf16(x);
  return _mm_packus_epi32(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
}

inline Lanes Load(const float* from, All) { return _mm256_loadu_ps(from); }
inline Lanes Load(const float* from, First n) { return _mm256_maskload_ps(from, n.mask()); }
inline Lanes Load(const Bf16* from, All) {
  return FromBf16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
}
inline Lanes Load(const Bf16* from, First n) {
  Bf16 some[kWidth] = {};
  for (int64_t i = 0; i < n.count; i++) some[i] = from[i];
  return Load(some, All{});
}

inline void Store(float* to, Lanes x, All) { _mm256_storeu_ps(to, x); }
inline void Store(float* to, Lanes x, First n) { _mm256_maskstore_ps(to, n.mask(), x); }
inline void Store(Bf16* to, Lanes x, All) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), ToBf16(x));
}
inline void Store(Bf16* to, Lanes x, First n) {
  Bf16 all[kWidth];
  Store(all, x, All{});
  for (int64_t i = 0; i < n.count; i++) to[i] = all[i];
}

inline Words LoadWords(const void* from) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}
inline void StoreWords(void* to, Words x) { _mm256_storeu_si256(static_cast<__m256i*>(to), x); }
inline Words AsWords(Lanes x) { return _mm256_castps_si256(x); }
inline Lanes AsLanes(Words x) { return _mm256_castsi256_ps(x); }

inline Words HalvesOf(Lanes x) { return RoundedToBf16(x); }
inline Words HalvesOf(const float* from, All all) { return RoundedToBf16(Load(from, all)); }
inline Words HalvesOf(const float* from, First n) { return RoundedToBf16(Load(from, n)); }
inline Words HalvesOf(const Bf16* from, All) {
  return _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
}
inline Words HalvesOf(const Bf16* from, First n) { return RoundedToBf16(Load(from, n)); }
inline Lanes FromHalves(Words x) { return AsLanes(_mm256_slli_epi32(x, 16)); }

inline Words Interleave(Words low, Words high) {
  return _mm256_or_si256(low, _mm256_slli_epi32(high, 16));
}

inline Words PairWords(Lanes first, Lanes second) {
  return _mm256_inserti128_si256(_mm256_castsi128_si256(ToBf16(first)), ToBf16(second), 1);
}

inline Lanes Max(Lanes bound, Lanes x) { return _mm256_max_ps(bound, x); }
inline Lanes Min(Lanes bound, Lanes x) { return _mm256_min_ps(bound, x); }
inline Lanes Sqrt(Lanes x) { return _mm256_sqrt_ps(x); }
inline Lanes Abs(Lanes x) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0F), x); }
inline Lanes Round(Lanes x) {
  return _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
// Only for exponents of a normal result, -126 to 127.
inline Lanes ScaleByPowerOfTwo(Lanes x, Lanes exponent) {
  const Words biased = _mm256_add_epi32(_mm256_cvtps_epi32(exponent), _mm256_set1_epi32(127));
  return x * _mm256_castsi256_ps(_mm256_slli_epi32(biased, 23));
}
inline float Sum(Lanes x) {
  __m128 half = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
  half = _mm_add_ps(half, _mm_movehl_ps(half, half));
  return _mm_cvtss_f32(_mm_add_ss(half, _mm_movehdup_ps(half)));
}
inline float Largest(Lanes x) {
  __m128 half = _mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
  half = _mm_max_ps(half, _mm_movehl_ps(half, half));
  return _mm_cvtss_f32(_mm_max_ss(half, _mm_movehdup_ps(half)));
}

inline Lanes WhereNegative(Lanes x, Lanes a, Lanes b) {
  return _mm256_blendv_ps(b, a, _mm256_cmp_ps(x, Zero(), _CMP_LT_OQ));
}

inline Lanes Keep(Lanes x, Lanes, All) { return x; }
inline Lanes Keep(Lanes x, Lanes other, First n) {
  return _mm256_blendv_ps(other, x, _mm256_castsi256_ps(n.mask()));
}

inline Lanes SwapNeighbours(Lanes x) { return _mm256_permute_ps(x, 0b10110001); }

inline Lanes LoadTwice(const float* from) {
  const __m256i places = _mm256_setr_epi32(0, 0, 1, 1, 2, 2, 3, 3);
  return _mm256_permutevar8x32_ps(_mm256_castps128_ps256(_mm_loadu_ps(from)), places);
}

inline Lanes NegateEven(Lanes x) {
  return _mm256_xor_ps(x, _mm256_castsi256_ps(_mm256_set1_epi64x(0x0000000080000000)));
}

inline void Transpose(Words rows[8]) {
  Words t[8];
  for (int i = 0; i < 4; i++) {
    t[2 * i] = _mm256_unpacklo_epi32(rows[2 * i], rows[2 * i + 1]);
    t[2 * i + 1] = _mm256_unpackhi_epi32(rows[2 * i], rows[2 * i + 1]);
  }
  Words u[8];
  for (int i = 0; i < 2; i++) {
    u[4 * i] = _mm256_unpacklo_epi64(t[4 * i], t[4 * i + 2]);
    u[4 * i + 1] = _mm256_unpackhi_epi64(t[4 * i], t[4 * i + 2]);
    u[4 * i + 2] = _mm256_unpacklo_epi64(t[4 * i + 1], t[4 * i + 3]);
    u[4 * i + 3] = _mm256_unpackhi_epi64(t[4 * i + 1], t[4 * i + 3]);
  }
  for (int i = 0; i < 4; i++) {  // 0x20: the lower halves; 0x31: the upper ones
    rows[i] = _mm256_permute2x128_si256(u[i], u[i + 4], 0x20);
    rows[i + 4] = _mm256_permute2x128_si256(u[i], u[i + 4], 0x31);
  }
}

}  // namespace cello::CELLO_LANES
