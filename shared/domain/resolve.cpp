#include <algorithm>

#include "shared/base/near_miss.h"
#include "shared/domain/architecture.h"
#include "shared/domain/block_reader.h"
#include "shared/domain/fields.h"
#include "shared/domain/layer_limits.h"
#include "shared/domain/layer_maker.h"

namespace firesweep {
namespace {

constexpr std::int64_t kMaxRepeat = 1000;

// Turns blocks into layers while following the shape. The first mistake is kept (`error`); after it
// every method returns without effect, and what was built means nothing.
class Resolver {
 public:
  Resolver(const std::map<std::string, Value>& params, std::int64_t classes, double dropout)
      : read_(params, classes), make_(read_, dropout) {}

  const std::optional<Error>& error() const { return read_.error(); }

  // `shape` enters as the input's and leaves as the output's.
  Layers blocks(const Blocks& blocks, Shape& shape, int depth) {
    Layers layers;
    for (std::size_t i = 0; i < blocks.size() && !error(); ++i) {
      add_block(blocks[i], std::to_string(i), shape, depth, layers);
    }
    return layers;
  }

  void refuse(const std::string& where, std::string what, std::string hint = {}) {
    read_.refuse(where, std::move(what), std::move(hint));
  }

 private:
  void add_block(const Block& block, std::string name, Shape& shape, int depth, Layers& layers) {
    if (++visited_ > kMaxLayers) {
      return refuse(block.where, "the network grows above " + std::to_string(kMaxLayers) +
                                     " blocks, repeats counted");
    }
    if (depth > kMaxLayerDepth) {
      return refuse(block.where, "blocks are nested deeper than " + std::to_string(kMaxLayerDepth));
    }
    const std::string& kind = block.kind;
    const auto put = [&](LayerOp op) {
      if (!error()) layers.push_back({std::move(name), std::move(op), shape});
    };
    if (kind == "conv") return put(make_.conv(block, shape));
    if (kind == "bn") return put(make_.batch_norm(block, shape));
    if (kind == "act")
      return put(Activation{read_.activation(read_.word(block, "act", "relu"), block)});
    if (kind == "max_pool" || kind == "avg_pool") return put(make_.pool(block, shape));
    if (kind == "global_avg_pool") return put(make_.global_avg_pool(block, shape));
    if (kind == "flatten") return put(make_.flatten(block, shape));
    if (kind == "dropout") return put(make_.dropout(block, shape));
    if (kind == "linear") return put(make_.linear(block, shape));
    if (kind == "conv_bn_relu") return put(conv_bn_relu(block, shape));
    if (kind == "fire") return put(fire(block, shape));
    if (kind == "residual") return put(residual(block, shape, depth));
    if (kind == "concat") return put(concat(block, shape, depth));
    if (kind == "repeat") return put(repeat(block, shape, depth));
    if (kind == "choice") {
      Sequence chosen = choice(block, shape, depth);
      if (!chosen.layers.empty()) put(std::move(chosen));
      return;
    }
    refuse(block.where, "found a block of unknown kind \"" + kind + "\"");
  }

  // ---- macros ----

  // conv, then BatchNorm and activation unless the block's words say "none".
  Sequence conv_bn_act(const Block& block, const Conv& wanted, Shape& shape) {
    Sequence group;
    const Conv made = make_.checked_conv(block, wanted, shape);
    group.layers.push_back({"conv", made, shape});
    if (read_.word(block, "norm", "bn") != "none") {
      group.layers.push_back({"bn", BatchNorm{shape.channels}, shape});
    }
    const std::string act = read_.word(block, "act", "relu");
    if (act != "none")
      group.layers.push_back({act, Activation{read_.activation(act, block)}, shape});
    return group;
  }

  Sequence conv_bn_relu(const Block& block, Shape& shape) {
    if (!make_.spatial(block, shape)) return {};
    return conv_bn_act(block, make_.read_conv(block, shape), shape);
  }

  // SqueezeNet's module (Iandola et al. 2016, §3.1): squeeze, then two expansions side by side.
  Sequence fire(const Block& block, Shape& shape) {
    if (!make_.spatial(block, shape)) return {};
    const bool bias = read_.has_bias(block);
    const auto channels = [&](const char* key) {
      return read_.whole(block, key, shape, 0, 1, kMaxChannels);
    };
    const std::int64_t squeeze = channels("squeeze");
    const std::int64_t expand1x1 = channels("expand1x1");
    const std::int64_t expand3x3 = channels("expand3x3");
    if (error()) return {};
    Sequence group;
    group.layers.push_back(
        {"squeeze", conv_bn_act(block, {shape.channels, squeeze, 1, 1, 0, 1, bias}, shape), shape});
    Shape left = shape;
    Shape right = shape;
    Concat both;
    both.branches.resize(2);
    Sequence narrow = conv_bn_act(block, {squeeze, expand1x1, 1, 1, 0, 1, bias}, left);
    Sequence wide = conv_bn_act(block, {squeeze, expand3x3, 3, 1, 1, 1, bias}, right);
    both.branches[0].push_back({"expand1x1", std::move(narrow), left});
    both.branches[1].push_back({"expand3x3", std::move(wide), right});
    shape.channels = left.channels + right.channels;
    if (shape.channels > kMaxChannels)
      refuse(block.where, "the branches join to too many channels");
    group.layers.push_back({"expand", std::move(both), shape});
    return group;
  }

  // ---- structure ----

  LayerOp residual(const Block& block, Shape& shape, int depth) {
    const Shape input = shape;
    Residual residual;
    if (!block.children.empty()) residual.body = blocks(block.children[0], shape, depth + 1);
    if (error()) return residual;
    const std::string post = read_.word(block, "post", "none");
    if (post != "none" && post != "relu") {
      refuse(block.where + "/post", "found \"" + post + "\", expected one of \"none\", \"relu\"");
    }
    residual.post_relu = post == "relu";
    const std::string shortcut = read_.word(block, "shortcut", "identity");
    if (block.shortcut) {
      Shape side = input;
      residual.shortcut = blocks(*block.shortcut, side, depth + 1);
      if (!(side == shape)) {
        refuse(block.where, "the body gives " + to_string(shape) + " and the shortcut " +
                                to_string(side) + ", which cannot be added");
      }
      return residual;
    }
    if (shape == input) return residual;
    if (shortcut == "identity_if_same") {
      Sequence alone{std::move(residual.body)};
      if (residual.post_relu) {
        alone.layers.push_back({"relu", Activation{ActivationKind::kRelu}, shape});
      }
      return alone;
    }
    if (shortcut == "project_if_needed") {
      residual.shortcut = projection(block, input, shape);
      return residual;
    }
    refuse(block.where,
           "the body turns " + to_string(input) + " into " + to_string(shape) +
               ", which cannot be added to its input",
           "give a \"shortcut\": a list of blocks, \"project_if_needed\" or \"identity_if_same\"");
    return residual;
  }

  // A 1×1 convolution without bias and BatchNorm (He et al. 2016, option B).
  Layers projection(const Block& block, const Shape& from, const Shape& to) {
    if (from.flat() || to.flat()) {
      refuse(block.where, "a projection cannot turn " + to_string(from) + " into " + to_string(to));
      return {};
    }
    const std::int64_t stride = (from.height + to.height - 1) / to.height;
    Shape shape = from;
    const Conv conv =
        make_.checked_conv(block, {from.channels, to.channels, 1, stride, 0, 1, false}, shape);
    if (!(shape == to)) {
      refuse(block.where,
             "no stride of a 1×1 convolution turns " + to_string(from) + " into " + to_string(to));
    }
    return {{"conv", conv, shape}, {"bn", BatchNorm{to.channels}, shape}};
  }

  Concat concat(const Block& block, Shape& shape, int depth) {
    Concat concat;
    Shape joined;
    if (block.children.size() > std::size_t{kMaxBranches}) {
      refuse(block.where, "found " + std::to_string(block.children.size()) +
                              " branches, expected at most " + std::to_string(kMaxBranches));
    }
    for (std::size_t i = 0; i < block.children.size() && !error(); ++i) {
      Shape branch = shape;
      concat.branches.push_back(blocks(block.children[i], branch, depth + 1));
      if (i == 0) {
        joined = branch;
        continue;
      }
      if (branch.height != joined.height || branch.width != joined.width) {
        refuse(block.where, "branch 0 gives " + to_string(joined) + " and branch " +
                                std::to_string(i) + " " + to_string(branch) +
                                ", which cannot be joined along channels");
      }
      joined.channels += branch.channels;
      if (joined.channels > (joined.flat() ? kMaxFeatures : kMaxChannels)) {
        refuse(block.where, "the branches join to too many channels");
      }
    }
    shape = joined;
    return concat;
  }

  Sequence repeat(const Block& block, Shape& shape, int depth) {
    Sequence all;
    const std::int64_t times = read_.whole(block, "value", shape, 0, 1, kMaxRepeat);
    for (std::int64_t i = 0; i < times && !block.children.empty() && !error(); ++i) {
      Layers once = blocks(block.children[0], shape, depth + 1);
      for (Layer& layer : once) {
        layer.name = std::to_string(all.layers.size());
        all.layers.push_back(std::move(layer));
      }
    }
    return all;
  }

  Sequence choice(const Block& block, Shape& shape, int depth) {
    const std::string name = read_.word(block, "choice", "");
    const auto param = read_.params().find(name);
    if (param == read_.params().end()) {
      std::vector<std::string_view> known;
      for (const auto& [key, value] : read_.params()) known.emplace_back(key);
      refuse(block.where + "/choice", "found the unknown parameter \"$" + name + "\"",
             did_you_mean(name, known));
      return {};
    }
    const std::string picked = to_string(param->second);
    const auto chosen = block.alternatives.find(picked);
    if (chosen != block.alternatives.end()) return {blocks(chosen->second, shape, depth + 1)};
    std::string known;
    std::vector<std::string_view> names;
    for (const auto& [key, value] : block.alternatives) {
      known += (known.empty() ? "\"" : ", \"") + key + "\"";
      names.emplace_back(key);
    }
    refuse(block.where + "/of",
           "the parameter \"$" + name + "\" is \"" + picked + "\", expected one of " + known,
           did_you_mean(picked, names));
    return {};
  }

  BlockReader read_;
  LayerMaker make_;
  std::int64_t visited_ = 0;
};

// Layers at all depths, and how deep lists of them are nested, as a message counts them.
struct Extent {
  std::int64_t layers = 0;
  int depth = 0;
};

void measure(const Layers& layers, int depth, Extent& extent) {
  extent.layers += static_cast<std::int64_t>(layers.size());
  extent.depth = std::max(extent.depth, depth);
  for (const Layer& layer : layers) {
    if (const auto* sequence = std::get_if<Sequence>(&layer.op)) {
      measure(sequence->layers, depth + 1, extent);
    } else if (const auto* residual = std::get_if<Residual>(&layer.op)) {
      measure(residual->body, depth + 1, extent);
      measure(residual->shortcut, depth + 1, extent);
    } else if (const auto* concat = std::get_if<Concat>(&layer.op)) {
      for (const Layers& branch : concat->branches) measure(branch, depth + 1, extent);
    }
  }
}

void check_extent(Resolver& resolver, const Layers& layers) {
  Extent extent;
  measure(layers, 1, extent);
  if (extent.layers > kMaxLayers) {
    resolver.refuse("/blocks", "the network has " + std::to_string(extent.layers) +
                                   " layers, expected at most " + std::to_string(kMaxLayers));
  } else if (extent.depth > kMaxLayerDepth) {
    resolver.refuse("/blocks", "layers are nested " + std::to_string(extent.depth) +
                                   " deep, expected at most " + std::to_string(kMaxLayerDepth));
  }
}

// The file's params with the overrides laid over them, or the first override that names none of
// them or is of another kind than the default.
Result<std::map<std::string, Value>> laid_over(const Architecture& architecture,
                                               const std::map<std::string, Value>& overrides) {
  std::map<std::string, Value> params = architecture.params;
  for (const auto& [name, value] : overrides) {
    const auto it = params.find(name);
    if (it == params.end()) {
      std::vector<std::string_view> known;
      std::string list;
      for (const auto& [key, unused] : params) {
        known.emplace_back(key);
        list += (list.empty() ? "" : ", ") + key;
      }
      return fail(ErrorCode::kBadInput, "arch." + name,
                  "the architecture " + architecture.name + " has no parameter \"" + name +
                      "\", expected " + (list.empty() ? "none: it has no parameters" : list),
                  did_you_mean(name, known));
    }
    const bool wants_text = std::holds_alternative<std::string>(it->second);
    if (wants_text != std::holds_alternative<std::string>(value)) {
      return fail(ErrorCode::kBadInput, "arch." + name,
                  "found " + found_text(value) + ", expected a value like " +
                      found_text(it->second) + ", the default in " + architecture.name);
    }
    it->second = value;
  }
  return params;
}

}  // namespace

Result<ResolvedArchitecture> resolve(const Architecture& architecture, std::int64_t classes,
                                     const std::map<std::string, Value>& overrides,
                                     double dropout) {
  auto params = laid_over(architecture, overrides);
  if (!params) return tl::unexpected(params.error());
  const auto place = [&](const std::string& where) { return architecture.name + ": " + where; };
  if (classes < 1 || classes > kMaxChannels) {
    return fail(ErrorCode::kBadInput, architecture.name,
                "found " + std::to_string(classes) + " classes, expected 1 to 65536");
  }
  const Shape& input = architecture.input;
  if (input.flat() || std::min({input.channels, input.height, input.width}) < 1 ||
      input.channels > kMaxChannels || std::max(input.height, input.width) > kMaxSide) {
    return fail(ErrorCode::kBadInput, place("/input"),
                "found " + to_string(input) + ", expected channels×height×width, each at least 1");
  }

  ResolvedArchitecture resolved{architecture.name, architecture.hash, input, classes, {}};
  Resolver resolver(*params, classes, dropout);
  Shape shape = input;
  resolved.layers = resolver.blocks(architecture.blocks, shape, 1);
  if (!resolver.error() && !(shape == Shape{classes, 0, 0})) {
    const std::string last =
        architecture.blocks.empty() ? "/blocks" : architecture.blocks.back().where;
    resolver.refuse(last,
                    "the network ends with the shape " + to_string(shape) + ", expected " +
                        std::to_string(classes) + ", one score per class",
                    "end with {\"linear\": \"classes\"}");
  }
  if (!resolver.error()) check_extent(resolver, resolved.layers);
  if (const auto& failure = resolver.error()) {
    Error error = *failure;
    error.where = place(error.where);
    return tl::unexpected(std::move(error));
  }
  return resolved;
}

}  // namespace firesweep
