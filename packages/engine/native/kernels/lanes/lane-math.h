// Functions of the lanes: e^x, the normal distribution, the logistic function, and loops over rows.
#pragma once

#include "lanes.h"

namespace cello::CELLO_LANES {

// Calls body(j, All{}) for each whole group of lanes of a row, then body(j, First{rest}).
template <typename Body>
inline __attribute__((always_inline)) void EachLanes(int64_t length, Body body) {
  int64_t j = 0;
  for (; j + kWidth <= length; j += kWidth) body(j, All{});
  if (j < length) body(j, First{length - j});
}

// e^x for x below 88, to two units in the last place for small x, and to 1e-6 for x = -20; it does
// not fall below 1e-38. 2^f, for f in [-1/2, 1/2], is a minimax polynomial (1.9e-9).
inline Lanes ExpBelow88(Lanes x) {
  x = Max(Fill(-87.3F), x);
  const Lanes n = Round(x * Fill(1.44269504F));
  const Lanes f = x * Fill(1.44269504F) - n;  // fused: one rounding
  Lanes p = Fill(1.534581201e-4F);
  p = p * f + Fill(1.339993122e-3F);
  p = p * f + Fill(9.618488957e-3F);
  p = p * f + Fill(5.550328777e-2F);
  p = p * f + Fill(2.402264689e-1F);
  p = p * f + Fill(6.931472057e-1F);
  p = p * f + Fill(1.0F);
  return ScaleByPowerOfTwo(p, n);
}

inline Lanes Exp(Lanes x) { return ExpBelow88(Min(Fill(88.0F), x)); }

struct Normal {
  Lanes cdf;
  Lanes density;
};

// The standard normal distribution at x; cdf to 1.5e-7 (Abramowitz and Stegun, 7.1.26).
inline Normal NormalAt(Lanes x) {
  const Lanes e = ExpBelow88(x * x * Fill(-0.5F));
  const Lanes t = Fill(1.0F) / (Abs(x) * Fill(0.3275911F * 0.70710678F) + Fill(1.0F));
  Lanes p = Fill(0.5F * 1.061405429F);
  p = p * t + Fill(0.5F * -1.453152027F);
  p = p * t + Fill(0.5F * 1.421413741F);
  p = p * t + Fill(0.5F * -0.284496736F);
  p = p * t + Fill(0.5F * 0.254829592F);
  const Lanes tail = p * t * e;  // below -|x|
  return {WhereNegative(x, tail, Fill(1.0F) - tail), e * Fill(0.39894228F)};
}

inline Lanes Sigmoid(Lanes x) { return Fill(1.0F) / (Fill(1.0F) + Exp(Zero() - x)); }

}  // namespace cello::CELLO_LANES
