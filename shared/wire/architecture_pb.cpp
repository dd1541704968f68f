#include "shared/wire/architecture_pb.h"

#include <cassert>

#include "shared/domain/layer_limits.h"

namespace firesweep {
namespace {

using PbLayers = google::protobuf::RepeatedPtrField<pb::Layer>;

void write(const Shape& shape, pb::Shape& out) {
  out.set_channels(shape.channels);
  out.set_height(shape.height);
  out.set_width(shape.width);
}

void read(std::string_view field, const pb::Shape& in, Shape& shape, Checker& check) {
  const Checker::Scope place(check, field);
  shape = {check.whole("channels", in.channels(), kMaxCount),
           check.whole("height", in.height(), kMaxCount),
           check.whole("width", in.width(), kMaxCount)};
}

// ---- writing layers ----

void write(const Layers& layers, PbLayers& out);

void write_op(const Conv& conv, pb::Layer& out) {
  pb::Conv& op = *out.mutable_conv();
  op.set_in(conv.in);
  op.set_out(conv.out);
  op.set_kernel(conv.kernel);
  op.set_stride(conv.stride);
  op.set_padding(conv.padding);
  op.set_groups(conv.groups);
  op.set_bias(conv.bias);
}
void write_op(const BatchNorm& norm, pb::Layer& out) {
  out.mutable_batch_norm()->set_channels(norm.channels);
}
void write_op(const Activation& activation, pb::Layer& out) {
  const auto kind = [&] {
    switch (activation.kind) {
      case ActivationKind::kRelu:
        return pb::ACTIVATION_RELU;
      case ActivationKind::kRelu6:
        return pb::ACTIVATION_RELU6;
      case ActivationKind::kSilu:
        return pb::ACTIVATION_SILU;
    }
    return pb::ACTIVATION_UNSPECIFIED;
  };
  out.mutable_activation()->set_kind(kind());
}
void write_op(const Pool& pool, pb::Layer& out) {
  pb::Pool& op = *out.mutable_pool();
  op.set_max(pool.max);
  op.set_kernel(pool.kernel);
  op.set_stride(pool.stride);
  op.set_padding(pool.padding);
}
void write_op(const GlobalAvgPool&, pb::Layer& out) { out.mutable_global_avg_pool(); }
void write_op(const Flatten&, pb::Layer& out) { out.mutable_flatten(); }
void write_op(const Dropout& dropout, pb::Layer& out) {
  out.mutable_dropout()->set_p(clean_fraction(dropout.p));
}
void write_op(const Linear& linear, pb::Layer& out) {
  out.mutable_linear()->set_in(linear.in);
  out.mutable_linear()->set_out(linear.out);
}
void write_op(const Residual& residual, pb::Layer& out) {
  pb::Residual& op = *out.mutable_residual();
  write(residual.body, *op.mutable_body());
  write(residual.shortcut, *op.mutable_shortcut());
  op.set_post_relu(residual.post_relu);
}
void write_op(const Concat& concat, pb::Layer& out) {
  pb::Concat& op = *out.mutable_concat();
  for (const Layers& branch : concat.branches) write(branch, *op.add_branches()->mutable_layers());
}
void write_op(const Sequence& sequence, pb::Layer& out) {
  write(sequence.layers, *out.mutable_sequence()->mutable_layers());
}

void write(const Layers& layers, PbLayers& out) {
  for (const Layer& layer : layers) {
    pb::Layer& to = *out.Add();
    to.set_name(clean_name(layer.name));
    write(layer.output, *to.mutable_output());
    std::visit([&](const auto& op) { write_op(op, to); }, layer.op);
  }
}

// ---- reading layers ----

// Walks the tree once, counting all layers; stops at the first broken bound, so that no tree costs
// more than its bounds allow.
class LayerReader {
 public:
  explicit LayerReader(Checker& check) : check_(check) {}

  void read_all(std::string_view field, const PbLayers& in, Layers& layers, int depth) {
    if (depth > kMaxLayerDepth) {
      check_.fail(field, "found layers nested deeper than " + std::to_string(kMaxLayerDepth));
      return;
    }
    seen_ += in.size();
    if (!check_.number_of(field, seen_, kMaxLayers)) return;
    layers.resize(static_cast<std::size_t>(in.size()));
    for (int i = 0; i < in.size() && check_.ok(); ++i) {
      const Checker::Scope place(check_, field, i);
      read_one(in.Get(i), layers[static_cast<std::size_t>(i)], depth);
    }
  }

 private:
  void read_one(const pb::Layer& in, Layer& layer, int depth) {
    layer.name = check_.name("name", in.name());
    read("output", in.output(), layer.output, check_);
    switch (in.op_case()) {
      case pb::Layer::kConv: {
        const pb::Conv& op = in.conv();
        layer.op = Conv{count("in", op.in()),
                        count("out", op.out()),
                        count("kernel", op.kernel()),
                        count("stride", op.stride()),
                        count("padding", op.padding()),
                        count("groups", op.groups()),
                        op.bias()};
        return;
      }
      case pb::Layer::kBatchNorm:
        layer.op = BatchNorm{count("channels", in.batch_norm().channels())};
        return;
      case pb::Layer::kActivation:
        layer.op = Activation{read_kind(in.activation().kind())};
        return;
      case pb::Layer::kPool: {
        const pb::Pool& op = in.pool();
        layer.op = Pool{op.max(), count("kernel", op.kernel()), count("stride", op.stride()),
                        count("padding", op.padding())};
        return;
      }
      case pb::Layer::kGlobalAvgPool:
        layer.op = GlobalAvgPool{};
        return;
      case pb::Layer::kFlatten:
        layer.op = Flatten{};
        return;
      case pb::Layer::kDropout:
        layer.op = Dropout{check_.fraction("p", in.dropout().p())};
        return;
      case pb::Layer::kLinear:
        layer.op = Linear{count("in", in.linear().in()), count("out", in.linear().out())};
        return;
      case pb::Layer::kResidual: {
        Residual residual;
        read_all("body", in.residual().body(), residual.body, depth + 1);
        read_all("shortcut", in.residual().shortcut(), residual.shortcut, depth + 1);
        residual.post_relu = in.residual().post_relu();
        layer.op = std::move(residual);
        return;
      }
      case pb::Layer::kConcat: {
        Concat concat;
        const auto& branches = in.concat().branches();
        if (check_.number_of("branches", branches.size(), kMaxBranches)) {
          concat.branches.resize(static_cast<std::size_t>(branches.size()));
        }
        for (std::size_t i = 0; i < concat.branches.size() && check_.ok(); ++i) {
          const Checker::Scope place(check_, "branches", static_cast<int>(i));
          const pb::Sequence& branch = branches.Get(static_cast<int>(i));
          read_all("layers", branch.layers(), concat.branches[i], depth + 1);
        }
        layer.op = std::move(concat);
        return;
      }
      case pb::Layer::kSequence: {
        Sequence sequence;
        read_all("layers", in.sequence().layers(), sequence.layers, depth + 1);
        layer.op = std::move(sequence);
        return;
      }
      case pb::Layer::OP_NOT_SET:
        check_.fail("", "found a layer of an unknown kind");
        return;
    }
  }

  ActivationKind read_kind(pb::ActivationKind kind) {
    switch (kind) {
      case pb::ACTIVATION_RELU:
        return ActivationKind::kRelu;
      case pb::ACTIVATION_RELU6:
        return ActivationKind::kRelu6;
      case pb::ACTIVATION_SILU:
        return ActivationKind::kSilu;
      default:
        check_.fail("kind", "found unknown enumerator " + std::to_string(static_cast<int>(kind)));
        return ActivationKind::kRelu;
    }
  }

  std::int64_t count(std::string_view field, std::int64_t value) {
    return check_.whole(field, value, kMaxCount);
  }

  Checker& check_;
  int seen_ = 0;
};

}  // namespace

void write(const ResolvedArchitecture& architecture, pb::ResolvedArchitecture& out) {
  out.set_name(clean_name(architecture.name));
  out.set_hash(clean_name(architecture.hash));
  write(architecture.input, *out.mutable_input());
  out.set_classes(architecture.classes);
  write(architecture.layers, *out.mutable_layers());
}

void read(const pb::ResolvedArchitecture& in, ResolvedArchitecture& architecture, Checker& check) {
  architecture.name = check.name("name", in.name());
  architecture.hash = check.name("hash", in.hash());
  read("input", in.input(), architecture.input, check);
  architecture.classes = check.whole("classes", in.classes(), kMaxCount);
  LayerReader(check).read_all("layers", in.layers(), architecture.layers, 1);
}

}  // namespace firesweep
