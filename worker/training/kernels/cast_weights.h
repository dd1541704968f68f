// The weights of convolutions and linear layers in autocast's type: cast all together, since one
// kernel a weight costs a small network more than the arithmetic does.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <vector>

namespace firesweep {

// Holds weights and hands them out as they are or, for the life of a Cast, in another type. One
// thread at a time.
class CastWeights {
 public:
  // Shares the tensor, float. Returns what at() knows it by.
  std::size_t add(at::Tensor weight);

  const at::Tensor& at(std::size_t index) const {
    return cast_.empty() ? weights_[index] : cast_[index];
  }

  // The bits that autocast would give; gradients flow back to the weights that want them.
  class Cast {
   public:
    Cast(CastWeights& weights, at::ScalarType type);
    Cast(const Cast&) = delete;
    Cast& operator=(const Cast&) = delete;
    ~Cast() { weights_.cast_.clear(); }

   private:
    CastWeights& weights_;
  };

 private:
  std::vector<at::Tensor> weights_, cast_;
};

}  // namespace firesweep
