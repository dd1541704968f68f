#include "shared/domain/layers.h"

#include <limits>

namespace firesweep {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

// Saturating: a tree that came from elsewhere than `resolve` may hold any numbers.
std::int64_t plus(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? kMost : sum;
}
std::int64_t times(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? kMost : product;
}

constexpr std::int64_t kFloatBytes = 4;

Cost cost_of_conv(const Conv& conv, const Shape& output) {
  const std::int64_t fan_in = times(conv.in / conv.groups, times(conv.kernel, conv.kernel));
  const std::int64_t weights = times(conv.out, fan_in);
  const std::int64_t params = plus(weights, conv.bias ? conv.out : 0);
  return {params, times(weights, times(output.height, output.width)), times(kFloatBytes, params)};
}

std::string square(std::int64_t side) { return std::to_string(side) + "×" + std::to_string(side); }

// Walks the tree and appends a row for every leaf; children before the join that ends them.
class Table {
 public:
  std::vector<LayerRow> take() { return std::move(rows_); }

  void add(const Layers& layers, const std::string& prefix) {
    for (const Layer& layer : layers) {
      const std::string path = prefix.empty() ? layer.name : prefix + "." + layer.name;
      std::visit([&](const auto& op) { add_op(op, path, layer.output); }, layer.op);
    }
  }

 private:
  void row(const std::string& path, std::string kind, const Shape& output, std::string kernel = {},
           Cost cost = {}) {
    rows_.push_back({path, std::move(kind), output, std::move(kernel), cost});
  }

  void add_op(const Conv& op, const std::string& path, const Shape& output) {
    row(path, "Conv2d", output, square(op.kernel), cost_of_conv(op, output));
  }
  void add_op(const BatchNorm& op, const std::string& path, const Shape& output) {
    row(path, "BatchNorm2d", output, "",
        {times(2, op.channels), 0, times(4 * kFloatBytes, op.channels)});
  }
  void add_op(const Activation& op, const std::string& path, const Shape& output) {
    switch (op.kind) {
      case ActivationKind::kRelu:
        return row(path, "ReLU", output);
      case ActivationKind::kRelu6:
        return row(path, "ReLU6", output);
      case ActivationKind::kSilu:
        return row(path, "SiLU", output);
    }
  }
  void add_op(const Pool& op, const std::string& path, const Shape& output) {
    row(path, op.max ? "MaxPool2d" : "AvgPool2d", output, square(op.kernel));
  }
  void add_op(const GlobalAvgPool&, const std::string& path, const Shape& output) {
    row(path, "GlobalAvgPool", output);
  }
  void add_op(const Flatten&, const std::string& path, const Shape& output) {
    row(path, "Flatten", output);
  }
  void add_op(const Dropout&, const std::string& path, const Shape& output) {
    row(path, "Dropout", output);
  }
  void add_op(const Linear& op, const std::string& path, const Shape& output) {
    const std::int64_t weights = times(op.in, op.out);
    const std::int64_t params = plus(weights, op.out);
    row(path, "Linear", output, "", {params, weights, times(kFloatBytes, params)});
  }
  void add_op(const Residual& op, const std::string& path, const Shape& output) {
    add(op.body, path + ".body");
    add(op.shortcut, path + ".shortcut");
    row(path, op.post_relu ? "Add, ReLU" : "Add", output);
  }
  void add_op(const Concat& op, const std::string& path, const Shape& output) {
    for (std::size_t i = 0; i < op.branches.size(); ++i) {
      add(op.branches[i], path + "." + std::to_string(i));
    }
    row(path, "Concat", output);
  }
  void add_op(const Sequence& op, const std::string& path, const Shape&) { add(op.layers, path); }

  std::vector<LayerRow> rows_;
};

}  // namespace

std::string to_string(const Shape& shape) {
  if (shape.flat()) return std::to_string(shape.channels);
  return std::to_string(shape.channels) + "×" + std::to_string(shape.height) + "×" +
         std::to_string(shape.width);
}

Cost cost_of(const ResolvedArchitecture& architecture) {
  Cost total;
  for (const LayerRow& row : layer_table(architecture)) {
    total.params = plus(total.params, row.cost.params);
    total.macs = plus(total.macs, row.cost.macs);
    total.model_bytes = plus(total.model_bytes, row.cost.model_bytes);
  }
  return total;
}

std::vector<LayerRow> layer_table(const ResolvedArchitecture& architecture) {
  Table table;
  table.add(architecture.layers, "");
  return table.take();
}

}  // namespace firesweep
