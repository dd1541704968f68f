#include "worker/training/kernels/cast_weights.h"

#include <ATen/ops/_foreach_copy.h>
#include <ATen/ops/empty_like.h>
#include <torch/csrc/autograd/custom_function.h>

#include <utility>

namespace firesweep {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Copies in the same layout: what ATen's kernel for lists of tensors takes.
variable_list copies(at::TensorList from, at::ScalarType type) {
  variable_list to;
  to.reserve(from.size());
  for (const at::Tensor& tensor : from)
    to.push_back(at::empty_like(tensor, tensor.options().dtype(type)));
  if (!to.empty()) at::_foreach_copy_(to, from);
  return to;
}

class CastAll : public torch::autograd::Function<CastAll> {
 public:
  static variable_list forward(AutogradContext* context, at::ScalarType type,
                               at::TensorList weights) {
    context->set_materialize_grads(false);
    variable_list cast = copies(weights, type);
    variable_list fixed;
    for (std::size_t i = 0; i < weights.size(); ++i)
      if (!weights[i].requires_grad()) fixed.push_back(cast[i]);
    context->mark_non_differentiable(fixed);
    return cast;
  }

  static variable_list backward(AutogradContext*, const variable_list& outputs) {
    variable_list given;
    for (const at::Tensor& gradient : outputs)
      if (gradient.defined()) given.push_back(gradient);
    variable_list wide = copies(given, at::kFloat);
    variable_list gradients(1);  // the type has none
    std::size_t next = 0;
    for (const at::Tensor& gradient : outputs)
      gradients.push_back(gradient.defined() ? std::move(wide[next++]) : at::Tensor());
    return gradients;
  }
};

}  // namespace

std::size_t CastWeights::add(at::Tensor weight) {
  weights_.push_back(std::move(weight));
  return weights_.size() - 1;
}

CastWeights::Cast::Cast(CastWeights& weights, at::ScalarType type) : weights_(weights) {
  if (!weights.weights_.empty())
    weights.cast_ = CastAll::apply(type, at::TensorList(weights.weights_));
}

}  // namespace firesweep
