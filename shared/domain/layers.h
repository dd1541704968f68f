// A resolved architecture: the tree of layers with every number known and every shape checked. This
// is what is frozen with a sweep, sent to workers and built by LibTorch; it needs no file and no
// expression.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace firesweep {

// Shape of one example: [C,H,W], or [C] after flattening (height and width are then 0).
struct Shape {
  std::int64_t channels = 0;
  std::int64_t height = 0;
  std::int64_t width = 0;
  bool flat() const { return height == 0; }
  std::int64_t elements() const { return flat() ? channels : channels * height * width; }
  friend bool operator==(const Shape&, const Shape&) = default;
};
std::string to_string(const Shape& shape);  // "64×16×16" or "512"

enum class ActivationKind { kRelu, kRelu6, kSilu };

struct Layer;
// Applied one after the other; an empty list is the identity.
using Layers = std::vector<Layer>;

struct Conv {
  std::int64_t in, out, kernel, stride, padding, groups;
  bool bias;
  friend bool operator==(const Conv&, const Conv&) = default;
};
struct BatchNorm {
  std::int64_t channels;
  friend bool operator==(const BatchNorm&, const BatchNorm&) = default;
};
struct Activation {
  ActivationKind kind;
  friend bool operator==(const Activation&, const Activation&) = default;
};
struct Pool {  // max or average
  bool max;
  std::int64_t kernel, stride, padding;
  friend bool operator==(const Pool&, const Pool&) = default;
};
struct GlobalAvgPool {
  friend bool operator==(const GlobalAvgPool&, const GlobalAvgPool&) = default;
};
struct Flatten {
  friend bool operator==(const Flatten&, const Flatten&) = default;
};
struct Dropout {
  double p;
  friend bool operator==(const Dropout&, const Dropout&) = default;
};
struct Linear {
  std::int64_t in, out;
  friend bool operator==(const Linear&, const Linear&) = default;
};
struct Residual {  // y = body(x) + shortcut(x), then ReLU where post_relu
  Layers body;
  Layers shortcut;  // empty: identity
  bool post_relu = false;
  bool operator==(const Residual&) const = default;
};
struct Concat {  // branches on the same input, joined along channels
  std::vector<Layers> branches;
  bool operator==(const Concat&) const = default;
};
struct Sequence {  // a named group (one block of the file), so that names in a state dict follow
                   // the file
  Layers layers;
  bool operator==(const Sequence&) const = default;
};

using LayerOp = std::variant<Conv, BatchNorm, Activation, Pool, GlobalAvgPool, Flatten, Dropout,
                             Linear, Residual, Concat, Sequence>;

// `name` is unique among its siblings and becomes the submodule's name: "0", "1", "squeeze",
// "expand1x1", … The path of a layer within a Sequence at path P is P.name; within a Residual
// P.body.name or P.shortcut.name; within branch i of a Concat P.i.name.
struct Layer {
  std::string name;
  LayerOp op;
  Shape output;
  bool operator==(const Layer&) const = default;
};

// What a worker builds. `hash` is the architecture file's (sha256 of its canonical content).
struct ResolvedArchitecture {
  std::string name;
  std::string hash;
  Shape input;
  std::int64_t classes = 0;
  Layers layers;
  bool operator==(const ResolvedArchitecture&) const = default;
};

// Analytic costs. Parameters: everything learned (weights, biases, BatchNorm scale and shift; no
// running statistics). MACs per image: convolutions and linear layers, one per multiply-add, biases
// and BatchNorm not counted. Bytes: of the parameters and running statistics in float32.
struct Cost {
  std::int64_t params = 0;
  std::int64_t macs = 0;
  std::int64_t model_bytes = 0;
};
Cost cost_of(const ResolvedArchitecture& architecture);

// One row of `firesweep inspect`: a leaf layer.
struct LayerRow {
  std::string path;  // "4.squeeze.0"
  std::string kind;  // "Conv2d", "BatchNorm2d", "ReLU", …
  Shape output;
  std::string kernel;  // "3×3", "" where it has none
  Cost cost;
};
std::vector<LayerRow> layer_table(const ResolvedArchitecture& architecture);

}  // namespace firesweep
