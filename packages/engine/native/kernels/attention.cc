// cello::attention and cello::attention_qkv: softmax(scale q k^T) v of each head.
//
//   attention(q, k, v [B H N d]) -> [B H N d], whose memory is [B N H d]
//   attention_qkv(qkv [B N 3 H d] or [B N 3Hd]) -> [B N Hd], with heads as neighbours
//
// With cosine and sine [B|1 H|1 N P], P at most d / 2, queries and keys are turned first (rotary
// positions): channels (2j, 2j + 1) of token n by the angle j of n. They may require gradients.
// scale is 1 / sqrt(d) if it is not given. Keys and values may be of other tokens than queries,
// unless they are turned.
#include <ATen/Functions.h>
#include <torch/library.h>

#include <cmath>

#include "applies.h"
#include "attention-passes.h"
#include "autograd.h"

namespace cello {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;
using OptionalTensor = std::optional<at::Tensor>;

constexpr int64_t kMaxChannels = 256;

// The angles by which tokens are turned; both tensors or none.
struct Turns {
  OptionalTensor cosine;
  OptionalTensor sine;
};

// x [B H N d], turned; in float32 at least, and rounded to x's type at the end.
at::Tensor TurnedTwin(const at::Tensor& x, const Turns& turns) {
  if (!turns.cosine.has_value()) return x;
  const auto wide = at::promote_types(x.scalar_type(), at::kFloat);
  const int64_t turned_channels = 2 * turns.cosine->size(-1);
  const at::Tensor pairs =
      x.narrow(-1, 0, turned_channels).to(wide).unflatten(-1, {turned_channels / 2, 2});
  const at::Tensor first = pairs.select(-1, 0);
  const at::Tensor second = pairs.select(-1, 1);
  const at::Tensor turned = at::stack({first * *turns.cosine - second * *turns.sine,
                                       first * *turns.sine + second * *turns.cosine},
                                      -1)
                                .flatten(-2)
                                .to(x.scalar_type());
  if (turned_channels == x.size(-1)) return turned;
  return at::cat({turned, x.narrow(-1, turned_channels, x.size(-1) - turned_channels)}, -1);
}

at::Tensor AttentionTwin(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                         const Turns& turns, std::optional<double> scale) {
  TORCH_CHECK_VALUE(turns.cosine.has_value() == turns.sine.has_value(),
                    "cello::attention: expected cosine and sine, or neither of them, got only ",
                    turns.cosine.has_value() ? "cosine" : "sine");
  return at::scaled_dot_product_attention(TurnedTwin(q, turns), TurnedTwin(k, turns), v, {}, 0.0,
                                          false, scale);
}

// [1|B 1|H N P] as the kernels want it: P for all channels, rounded up to 16.
at::Tensor Table(const OptionalTensor& angles, int64_t channels, double past_the_end) {
  if (!angles.has_value()) return {};
  const int64_t pairs = RoundUp(channels, kColumnStep) / 2;
  const at::Tensor wide = angles->to(at::kFloat);
  if (wide.size(3) == pairs) return wide.contiguous();
  return at::constant_pad_nd(wide, {0, pairs - wide.size(3)}, past_the_end).contiguous();
}

bool TurnsApply(const at::Tensor& q, const at::Tensor& k, const Turns& turns) {
  if (!turns.cosine.has_value() && !turns.sine.has_value()) return true;
  if (!turns.cosine.has_value() || !turns.sine.has_value()) return false;
  const at::Tensor& cosine = *turns.cosine;
  const auto is_one_or = [](int64_t size, int64_t other) { return size == 1 || size == other; };
  return AreOrdinary({cosine, *turns.sine}) && cosine.is_floating_point() &&
         turns.sine->is_floating_point() && cosine.sizes() == turns.sine->sizes() &&
         cosine.dim() == 4 && is_one_or(cosine.size(0), q.size(0)) &&
         is_one_or(cosine.size(1), q.size(1)) && cosine.size(2) == q.size(2) &&
         q.size(2) == k.size(2) && 2 * cosine.size(3) <= q.size(3);
}

bool Applies(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const Turns& turns,
             std::optional<double> scale) {
  if (!AreOrdinary({q, k, v}) || !ComputeType(q).has_value()) return false;
  if (q.dim() != 4 || k.sizes() != v.sizes() || k.dim() != 4 || q.size(0) != k.size(0) ||
      q.size(1) != k.size(1) || q.size(3) != k.size(3) || q.size(3) > kMaxChannels) {
    return false;
  }
  if (k.scalar_type() != q.scalar_type() || v.scalar_type() != q.scalar_type()) return false;
  return scale.value_or(1.0) > 0.0 && TurnsApply(q, k, turns);
}

at::Tensor WithNeighbouringChannels(const at::Tensor& x) {
  return x.stride(-1) == 1 ? x : x.contiguous();
}

double ScaleOr(std::optional<double> scale, int64_t channels) {
  return scale.value_or(1.0 / std::sqrt(static_cast<double>(channels)));
}

// [B H N d], with the heads of a token as neighbours in memory.
at::Tensor EmptyHeads(const at::Tensor& like) {
  return at::empty({like.size(0), like.size(2), like.size(1), like.size(3)}, like.options())
      .transpose(1, 2);
}

// Runs the forward pass into t.out, and saves what BackwardOf needs after `tensors`: the inputs and
// the result, as autograd knows them, so that it notices when they are changed in place.
void ForwardOf(AutogradContext* context, variable_list tensors, AttentionTensors t,
               const Turns& turns) {
  t.cosine = Table(turns.cosine, t.q.size(3), 1.0);
  t.sine = Table(turns.sine, t.q.size(3), 0.0);
  t.lse = at::empty({t.q.size(0), t.q.size(1), t.q.size(2)}, at::kFloat);
  AttentionForwardPass(t);
  tensors.insert(tensors.end(), {t.lse, t.cosine, t.sine, turns.cosine.value_or(at::Tensor())});
  context->save_for_backward(std::move(tensors));
  context->saved_data["scale"] = t.scale;
}

struct TurnGrads {
  at::Tensor cosine;
  at::Tensor sine;
};

// `saved` is what ForwardOf added to `tensors`; t holds q, k, v and out, and grads theirs.
// `wants_turns`: whether the gradients of the angles are wanted.
TurnGrads BackwardOf(AutogradContext* context, at::ArrayRef<at::Tensor> saved, AttentionTensors t,
                     AttentionGrads grads, const at::Tensor& g, bool wants_turns) {
  t.lse = saved[0];
  t.cosine = saved[1];
  t.sine = saved[2];
  t.scale = context->saved_data["scale"].toDouble();
  const at::Tensor& cosine = saved[3];
  if (wants_turns) {
    const std::vector<int64_t> sizes{t.q.size(0), t.q.size(1), t.q.size(2), cosine.size(3)};
    grads.cosine = at::zeros(sizes, at::kFloat);
    grads.sine = at::zeros(sizes, at::kFloat);
  }
  AttentionBackwardPass(t, WithNeighbouringChannels(g.to(t.q.scalar_type())), grads);
  if (!wants_turns) return {};
  return {at::sum_to(grads.cosine, cosine.sizes()).to(cosine.scalar_type()),
          at::sum_to(grads.sine, cosine.sizes()).to(cosine.scalar_type())};
}

class AttentionFunction : public torch::autograd::Function<AttentionFunction> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& q, const at::Tensor& k,
                            const at::Tensor& v, const OptionalTensor& cosine,
                            const OptionalTensor& sine, double scale) {
    const Unrecorded unrecorded;
    AttentionTensors t;
    t.q = WithNeighbouringChannels(q);
    t.k = WithNeighbouringChannels(k);
    t.v = WithNeighbouringChannels(v);
    t.out = EmptyHeads(t.q);
    t.scale = scale;
    ForwardOf(context, {t.q, t.k, t.v, t.out}, t, {cosine, sine});
    return t.out;
  }

  static variable_list backward(AutogradContext* context, const variable_list& grads) {
    RefuseSecondDerivative("cello::attention");
    const Unrecorded unrecorded;
    const auto saved = context->get_saved_variables();
    AttentionTensors t;
    t.q = saved[0];
    t.k = saved[1];
    t.v = saved[2];
    t.out = saved[3];
    AttentionGrads found;
    found.q = EmptyHeads(t.q);
    found.k = EmptyHeads(t.k);
    found.v = EmptyHeads(t.v);
    const bool has_turns = saved[7].defined();
    const bool wants_turns =
        has_turns && (context->needs_input_grad(3) || context->needs_input_grad(4));
    const TurnGrads turns = BackwardOf(context, at::ArrayRef<at::Tensor>(saved).slice(4), t, found,
                                       grads[0], wants_turns);
    return {found.q, found.k, found.v, turns.cosine, turns.sine, at::Tensor()};
  }
};

// The three parts of qkv [B N 3Hd], each [B H N d].
AttentionTensors PartsOf(const at::Tensor& qkv, int64_t num_heads) {
  const int64_t channels = qkv.size(2) / (3 * num_heads);
  const auto parts =
      qkv.view({qkv.size(0), qkv.size(1), 3, num_heads, channels}).permute({2, 0, 3, 1, 4});
  AttentionTensors t;
  t.q = parts[0];
  t.k = parts[1];
  t.v = parts[2];
  return t;
}

// x [B N Hd] as [B H N d].
at::Tensor ByHeads(const at::Tensor& x, int64_t num_heads) {
  return x.unflatten(2, {num_heads, x.size(2) / num_heads}).transpose(1, 2);
}

class AttentionQkvFunction : public torch::autograd::Function<AttentionQkvFunction> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& qkv_argument,
                            int64_t num_heads, const OptionalTensor& cosine,
                            const OptionalTensor& sine, double scale) {
    const Unrecorded unrecorded;
    const at::Tensor qkv = qkv_argument.contiguous();
    AttentionTensors t = PartsOf(qkv, num_heads);
    const at::Tensor mixed = at::empty({qkv.size(0), qkv.size(1), qkv.size(2) / 3}, qkv.options());
    t.out = ByHeads(mixed, num_heads);
    t.scale = scale;
    ForwardOf(context, {qkv, mixed}, t, {cosine, sine});
    context->saved_data["num_heads"] = num_heads;
    return mixed;
  }

  static variable_list backward(AutogradContext* context, const variable_list& grads) {
    RefuseSecondDerivative("cello::attention_qkv");
    const Unrecorded unrecorded;
    const auto saved = context->get_saved_variables();
    const int64_t num_heads = context->saved_data["num_heads"].toInt();
    AttentionTensors t = PartsOf(saved[0], num_heads);
    t.out = ByHeads(saved[1], num_heads);
    const at::Tensor d_qkv = at::empty_like(saved[0]);
    const AttentionTensors d_parts = PartsOf(d_qkv, num_heads);
    AttentionGrads found;
    found.q = d_parts.q;
    found.k = d_parts.k;
    found.v = d_parts.v;
    const bool has_turns = saved[5].defined();
    const bool wants_turns =
        has_turns && (context->needs_input_grad(1) || context->needs_input_grad(2));
    const TurnGrads turns = BackwardOf(context, at::ArrayRef<at::Tensor>(saved).slice(2), t, found,
                                       ByHeads(grads[0], num_heads), wants_turns);
    return {d_qkv, at::Tensor(), turns.cosine, turns.sine, at::Tensor()};
  }
};

at::Tensor Attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                     const OptionalTensor& cosine, const OptionalTensor& sine,
                     std::optional<double> scale) {
  if (!Applies(q, k, v, {cosine, sine}, scale)) {
    return AttentionTwin(q, k, v, {cosine, sine}, scale);
  }
  const auto type = *ComputeType(q);
  return AttentionFunction::apply(q.to(type), k.to(type), v.to(type), cosine, sine,
                                  ScaleOr(scale, q.size(3)));
}

// [B N 3 H d] as [B N 3Hd].
at::Tensor Packed(const at::Tensor& qkv, int64_t num_heads) {
  const at::Tensor flat = qkv.dim() == 5 ? qkv.flatten(2) : qkv;
  TORCH_CHECK_VALUE(num_heads > 0 && flat.dim() == 3 && flat.size(2) % (3 * num_heads) == 0 &&
                        (qkv.dim() == 3 || (qkv.size(2) == 3 && qkv.size(3) == num_heads)),
                    "cello::attention_qkv: expected qkv [B, N, 3 * heads * d] or [B, N, 3, heads, "
                    "d] with ",
                    num_heads, " heads, got ", qkv.sizes());
  return flat;
}

at::Tensor AttentionQkvTwin(const at::Tensor& qkv, int64_t num_heads, const OptionalTensor& cosine,
                            const OptionalTensor& sine, std::optional<double> scale) {
  const at::Tensor flat = Packed(qkv, num_heads);
  const auto parts =
      flat.unflatten(2, {3, num_heads, flat.size(2) / (3 * num_heads)}).permute({2, 0, 3, 1, 4});
  return AttentionTwin(parts[0], parts[1], parts[2], {cosine, sine}, scale)
      .transpose(1, 2)
      .flatten(2);
}

at::Tensor AttentionQkv(const at::Tensor& qkv, int64_t num_heads, const OptionalTensor& cosine,
                        const OptionalTensor& sine, std::optional<double> scale) {
  const at::Tensor flat = Packed(qkv, num_heads);
  if (AreOrdinary({flat}) && ComputeType(flat).has_value()) {
    // Shapes only: nothing is read, and autograd must not see it.
    const at::Tensor detached = flat.detach().contiguous();
    const AttentionTensors t = PartsOf(detached, num_heads);
    if (Applies(t.q, t.k, t.v, {cosine, sine}, scale)) {
      return AttentionQkvFunction::apply(flat.to(*ComputeType(flat)), num_heads, cosine, sine,
                                         ScaleOr(scale, t.q.size(3)));
    }
  }
  return AttentionQkvTwin(flat, num_heads, cosine, sine, scale);
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(cello, library) {
  library.def(
      "attention(Tensor q, Tensor k, Tensor v, Tensor? cosine=None, Tensor? sine=None, "
      "float? scale=None) -> Tensor",
      Attention);
  library.def(
      "attention.twin(Tensor q, Tensor k, Tensor v, Tensor? cosine=None, Tensor? sine=None, "
      "float? scale=None) -> Tensor",
      [](const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
         const OptionalTensor& cosine, const OptionalTensor& sine,
         std::optional<double> scale) { return AttentionTwin(q, k, v, {cosine, sine}, scale); });
  library.def(
      "attention_qkv(Tensor qkv, int num_heads, Tensor? cosine=None, Tensor? sine=None, "
      "float? scale=None) -> Tensor",
      AttentionQkv);
  library.def(
      "attention_qkv.twin(Tensor qkv, int num_heads, Tensor? cosine=None, Tensor? sine=None, "
      "float? scale=None) -> Tensor",
      AttentionQkvTwin);
}

}  // namespace cello
