// What the two fused MLPs share: which arguments they take, and what they keep for the backward
// pass.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

#include "applies.h"
#include "autograd.h"
#include "dense.h"

namespace cello {

using OptionalTensor = std::optional<at::Tensor>;

// x [... k]; weight1 [h1 k] and bias1 [h1]; weight2 [n h] and bias2 [n], where h1 is h, or 2 h for
// a gated MLP.
struct MlpArguments {
  const at::Tensor& x;
  const at::Tensor& weight1;
  const OptionalTensor& bias1;
  const at::Tensor& weight2;
  const OptionalTensor& bias2;
};

// Whether a kernel of ours takes it; the first layer has `fold` outputs for each hidden channel.
bool MlpApplies(const MlpArguments& mlp, int64_t fold);

// Whether autograd will want a backward pass.
bool NeedsGrad(const MlpArguments& mlp);

// Contiguous tensors and sizes: x [... k] has m rows, as have z [m h1] and y [... n].
struct MlpForwardPass {
  MlpForwardPass(const MlpArguments& mlp, int64_t fold);

  int64_t m, k, h, n;
  at::Tensor x, weight1, weight2;
  at::Tensor bias1, bias2;  // float32, or undefined
  at::Tensor y;

  const float* bias1_data() const { return bias1.defined() ? bias1.data_ptr<float>() : nullptr; }
  const float* bias2_data() const { return bias2.defined() ? bias2.data_ptr<float>() : nullptr; }

  // For MlpBackwardPass: call at the end of forward(), with z undefined if it was not kept.
  void Save(torch::autograd::AutogradContext* context, const MlpArguments& mlp,
            const at::Tensor& z) const;
};

struct MlpBackwardPass {
  MlpBackwardPass(torch::autograd::AutogradContext* context, const at::Tensor& grad);

  // The two layers' parameters, in the order of the arguments.
  ParametersOf Parameters1() const;
  ParametersOf Parameters2() const;

  // The gradients in the order of the operator's arguments.
  static torch::autograd::variable_list InOrder(const at::Tensor& dx, const ParameterGrads& first,
                                                const ParameterGrads& second);

  int64_t m, k, h, n;
  at::Tensor x, z, weight1, weight2;
  at::Tensor g;   // [... n]
  at::Tensor dx;  // undefined if nobody wants it

 private:
  std::optional<at::ScalarType> bias1_type_, bias2_type_;
  bool wants_weight1_, wants_bias1_, wants_weight2_, wants_bias2_;
};

}  // namespace cello
