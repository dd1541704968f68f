// Muon: momentum with an update direction, one matrix per convolution, that is made orthogonal.
//   Jordan, Jin, Boza, You, Cecista, Newhouse, Bernstein: Muon, 2024
//   (kellerjordan.github.io/posts/muon), with the weights kept at a fixed norm as in Jordan's
//   airbench94_muon.
// Knows no learning rate schedule and no other parameters.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "worker/training/model.h"

namespace firesweep {

// A weight [out,in,k,k] as a matrix: `out` rows of `in`·k² numbers.
struct MuonShape {
  std::int64_t out = 0, in = 0;  // `in` with k² in it
};

// The matrices that are made orthogonal together in one batched product. Smaller matrices are
// padded with zeros, which the products keep; those with more rows than columns are transposed.
// This is the cheapest partition, if each batch costs `overhead` floating-point operations in
// addition to its products. Pure.
struct MuonBatches {
  std::vector<std::size_t> order;  // positions in `shapes`
  std::vector<std::size_t> ends;   // into `order`
};
MuonBatches muon_batches(const std::vector<MuonShape>& shapes, double overhead);

// Three Newton-Schulz steps X ← aX + (bXXᵀ + c(XXᵀ)²)X with a, b, c = 3.4445, -4.7750, 2.0315 from
// the matrices divided by their norms: singular values come near 1, singular vectors stay.
// [n,rows,columns] with rows ≤ columns, float → the same sizes in `precision`. The input is not
// modified.
at::Tensor newton_schulz(const at::Tensor& matrices, at::ScalarType precision);

// One thread at a time.
class Muon {
 public:
  // Weights are [out,in,k,k] float, not empty, on one device; their memory layout must not change
  // afterwards. Products are in `precision`. `overhead` is the cost of a batch on the device.
  Muon(const NamedTensors& weights, double momentum, at::ScalarType precision, double overhead);

  const std::vector<at::Tensor>& weights() const { return weights_; }

  // From the gradients g of weights(), in their order: m ← momentum·m + g, and the direction
  // U = newton_schulz(g + momentum·m). If `found_inf` ([] float) is given and not 0, m is unchanged
  // and U is 0. Reads nothing from the device.
  void prepare(const std::vector<at::Tensor>& gradients,
               const std::optional<at::Tensor>& found_inf);

  // After prepare(): p ← p·√out/‖p‖ - rate·U.
  void apply(double rate);

  // For checkpoints: "first.<name>", the momentum buffers; shares the live tensors.
  NamedTensors state() const;

 private:
  // Weights in the order of the batches, their elements one after the other.
  struct Batch {
    std::int64_t first = 0, count = 0;   // weights
    std::int64_t begin = 0, size = 0;    // elements
    std::int64_t rows = 0, columns = 0;  // of the padded matrices, rows ≤ columns
    bool alike = false;                  // one shape: nothing is padded
    bool turned = false;                 // `alike` and higher than wide
    at::Tensor gather = {};   // [count·rows·columns] int: the element of each place; if not alike
    at::Tensor scatter = {};  // [size] int: the place of each element; if not alike
    at::Tensor owner = {};    // [size] int: the weight of each element; if not alike
  };
  void plan(Batch& batch, const std::vector<MuonShape>& shapes);
  void make_directions(const at::Tensor& flat);
  void make_scales();

  std::vector<std::string> names_;
  std::vector<at::Tensor> weights_;
  double factor_;  // of the momentum
  at::ScalarType precision_;
  std::vector<Batch> batches_;
  at::Tensor roots_;       // [n] float: √out
  at::Tensor nothing_;     // [1] float: what padding is gathered from
  at::Tensor momentum_;    // [elements+1] float; the last is 0, as nothing_
  at::Tensor directions_;  // [elements] float: U
  at::Tensor scales_;      // [elements] float: √out/‖p‖
  std::vector<at::Tensor> momentum_views_, direction_views_, scale_views_;  // laid out as weights_
};

}  // namespace firesweep
