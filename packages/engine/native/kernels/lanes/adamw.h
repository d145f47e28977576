// One AdamW step of a stretch of parameters. See AdamwStep.
//
// The order of operations is that of PyTorch's fused CPU kernel (aten/src/ATen/native/cpu/
// FusedAdamKernel.cpp), so that the numbers agree to the last few bits.
#pragma once

#include "lane-kernels.h"
#include "lane-math.h"

namespace cello::CELLO_LANES {

template <typename T>
void Adamw(const AdamwStep& step, int64_t count, float* parameter, const T* gradient,
           float* exp_avg, float* exp_avg_sq) {
  EachLanes(count, [&](int64_t i, auto some) {
    const Lanes g = Load(gradient + i, some) * Fill(step.grad_scale);
    const Lanes p = Load(parameter + i, some) * Fill(step.keep);
    const Lanes m = Load(exp_avg + i, some) * Fill(step.beta1) + g * Fill(step.one_minus_beta1);
    const Lanes v =
        Load(exp_avg_sq + i, some) * Fill(step.beta2) + g * g * Fill(step.one_minus_beta2);
    const Lanes denominator = Sqrt(v) / Fill(step.root_of_bias) + Fill(step.epsilon);
    Store(exp_avg + i, m, some);
    Store(exp_avg_sq + i, v, some);
    Store(parameter + i, p - Fill(step.step_size) * m / denominator, some);
  });
}

}  // namespace cello::CELLO_LANES
