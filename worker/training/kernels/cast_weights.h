// The weights of convolutions and linear layers in autocast's type. They are cast all together,
// since for a small network one kernel per weight costs more than the arithmetic.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <vector>

namespace firesweep {

// Holds weights and returns them unchanged or, during the lifetime of a Cast, in another type. One
// thread at a time.
class CastWeights {
 public:
  // Shares the float tensor. Returns its index for at().
  std::size_t add(at::Tensor weight);

  const at::Tensor& at(std::size_t index) const {
    return cast_.empty() ? weights_[index] : cast_[index];
  }

  // The same bits as autocast; gradients flow back to the weights that require them.
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
