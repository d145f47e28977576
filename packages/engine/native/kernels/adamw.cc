// cello::adamw_: one AdamW step of many parameters in place, all in one parallel loop.
//
// Lists of equal length: params and their moments float32, grads float32 or bfloat16; contiguous.
// step counts from 1. grad_scale multiplies the gradients as they are read (clipping, without a
// pass over memory of its own). Source: Loshchilov and Hutter 2019, algorithm 2; the arithmetic is
// that of torch.optim.AdamW(fused=True).
#include <ATen/Functions.h>
#include <torch/library.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "applies.h"
#include "autograd.h"
#include "dense.h"
#include "instruction-set.h"
#include "workers.h"

namespace cello {

namespace {

constexpr int64_t kTaskElements = 1 << 15;

struct AdamwSettings {
  double lr;
  double beta1;
  double beta2;
  double weight_decay;
  double epsilon;
  int64_t step;
  double grad_scale;
};

// The four lists of an optimizer.
struct AdamwLists {
  at::TensorList params;
  at::TensorList grads;
  at::TensorList exp_avgs;
  at::TensorList exp_avg_sqs;
};

AdamwStep StepOf(const AdamwSettings& settings) {
  const auto t = static_cast<double>(settings.step);
  return {static_cast<float>(settings.beta1),
          static_cast<float>(settings.beta2),
          static_cast<float>(1 - settings.beta1),
          static_cast<float>(1 - settings.beta2),
          static_cast<float>(settings.epsilon),
          static_cast<float>(1 - settings.lr * settings.weight_decay),
          static_cast<float>(settings.lr / (1 - std::pow(settings.beta1, t))),
          static_cast<float>(std::sqrt(1 - std::pow(settings.beta2, t))),
          static_cast<float>(settings.grad_scale)};
}

void Check(const AdamwLists& lists, int64_t step) {
  const size_t count = lists.params.size();
  TORCH_CHECK_VALUE(step >= 1, "cello::adamw_: step counts from 1, got ", step);
  TORCH_CHECK_VALUE(lists.grads.size() == count && lists.exp_avgs.size() == count &&
                        lists.exp_avg_sqs.size() == count,
                    "cello::adamw_: expected four lists of equal length, got ", count, " params, ",
                    lists.grads.size(), " grads, ", lists.exp_avgs.size(), " exp_avgs and ",
                    lists.exp_avg_sqs.size(), " exp_avg_sqs");
  for (size_t i = 0; i < count; i++) {
    const auto sizes = lists.params[i].sizes();
    TORCH_CHECK_VALUE(lists.grads[i].sizes() == sizes && lists.exp_avgs[i].sizes() == sizes &&
                          lists.exp_avg_sqs[i].sizes() == sizes,
                      "cello::adamw_: parameter ", i, " has shape ", sizes, ", but its gradient ",
                      lists.grads[i].sizes(), ", and its moments ", lists.exp_avgs[i].sizes(),
                      " and ", lists.exp_avg_sqs[i].sizes());
  }
}

bool Applies(const AdamwLists& lists) {
  if (ActiveLanes() == nullptr) return false;
  const auto fits = [](const at::Tensor& tensor, bool may_be_bf16) {
    return tensor.device().is_cpu() && tensor.layout() == at::kStrided && tensor.is_contiguous() &&
           (tensor.scalar_type() == at::kFloat ||
            (may_be_bf16 && tensor.scalar_type() == at::kBFloat16));
  };
  for (size_t i = 0; i < lists.params.size(); i++) {
    if (!fits(lists.params[i], false) || !fits(lists.grads[i], true) ||
        !fits(lists.exp_avgs[i], false) || !fits(lists.exp_avg_sqs[i], false)) {
      return false;
    }
  }
  return true;
}

// A stretch of one parameter.
struct Stretch {
  size_t parameter;
  int64_t begin;
  int64_t count;
};

void Run(const AdamwLists& lists, const AdamwStep& step) {
  std::vector<Stretch> stretches;
  for (size_t i = 0; i < lists.params.size(); i++) {
    const int64_t numel = lists.params[i].numel();
    for (int64_t begin = 0; begin < numel; begin += kTaskElements) {
      stretches.push_back({i, begin, std::min(kTaskElements, numel - begin)});
    }
  }
  RunWorkers(static_cast<int64_t>(stretches.size()), [&](TaskQueue& queue) {
    for (int64_t task = queue.Next(); task >= 0; task = queue.Next()) {
      const auto& [i, begin, count] = stretches[task];
      const at::Tensor& grad = lists.grads[i];
      ByType(grad.scalar_type(), [&, i = i, begin = begin, count = count](auto element) {
        using T = decltype(element);
        LanesOf<T>().adamw(step, count, DataOf<float>(lists.params[i]) + begin,
                           DataOf<T>(grad) + begin, DataOf<float>(lists.exp_avgs[i]) + begin,
                           DataOf<float>(lists.exp_avg_sqs[i]) + begin);
      });
    }
  });
}

void AdamwTwin(const AdamwLists& lists, const AdamwSettings& settings) {
  Check(lists, settings.step);
  const at::NoGradGuard no_grad;
  const auto t = static_cast<double>(settings.step);
  const double bias1 = 1 - std::pow(settings.beta1, t);
  const double bias2 = std::sqrt(1 - std::pow(settings.beta2, t));
  for (size_t i = 0; i < lists.params.size(); i++) {
    const at::Tensor grad = lists.grads[i].to(lists.params[i].scalar_type()) * settings.grad_scale;
    lists.params[i].mul_(1 - settings.lr * settings.weight_decay);
    lists.exp_avgs[i].mul_(settings.beta1).add_(grad, 1 - settings.beta1);
    lists.exp_avg_sqs[i].mul_(settings.beta2).addcmul_(grad, grad, 1 - settings.beta2);
    const at::Tensor denominator = lists.exp_avg_sqs[i].sqrt().div_(bias2).add_(settings.epsilon);
    lists.params[i].addcdiv_(lists.exp_avgs[i], denominator, -settings.lr / bias1);
  }
}

void Adamw(const AdamwLists& lists, const AdamwSettings& settings) {
  Check(lists, settings.step);
  if (!Applies(lists)) return AdamwTwin(lists, settings);
  Run(lists, StepOf(settings));
  // Autograd must notice that they have changed.
  for (const at::TensorList& list : {lists.params, lists.exp_avgs, lists.exp_avg_sqs}) {
    for (const at::Tensor& tensor : list) {
      if (!tensor.is_inference()) tensor.unsafeGetTensorImpl()->bump_version();
    }
  }
}

template <void (*function)(const AdamwLists&, const AdamwSettings&)>
void Call(at::TensorList params, at::TensorList grads, at::TensorList exp_avgs,
          at::TensorList exp_avg_sqs, double lr, double beta1, double beta2, double weight_decay,
          double eps, int64_t step, double grad_scale) {
  function({params, grads, exp_avgs, exp_avg_sqs},
           {lr, beta1, beta2, weight_decay, eps, step, grad_scale});
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(cello, library) {
  library.def(
      "adamw_(Tensor(a!)[] params, Tensor[] grads, Tensor(b!)[] exp_avgs, Tensor(c!)[] "
      "exp_avg_sqs, float lr, float beta1, float beta2, float weight_decay, float eps, int step, "
      "float grad_scale=1.0) -> ()",
      Call<Adamw>);
  library.def(
      "adamw_.twin(Tensor(a!)[] params, Tensor[] grads, Tensor(b!)[] exp_avgs, Tensor(c!)[] "
      "exp_avg_sqs, float lr, float beta1, float beta2, float weight_decay, float eps, int step, "
      "float grad_scale=1.0) -> ()",
      Call<AdamwTwin>);
}

}  // namespace cello
