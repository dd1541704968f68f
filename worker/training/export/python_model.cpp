#include "worker/training/export/python_model.h"

#include <algorithm>
#include <charconv>

#include "shared/base/overloaded.h"

namespace firesweep {
namespace {

constexpr std::size_t kLineLength = 110;

constexpr const char* kImports = R"(
import sys
from collections import OrderedDict
from pathlib import Path

import torch
from torch import nn

)";

constexpr const char* kBlocks = R"(

class Residual(nn.Module):
    """body(x) + shortcut(x), then ReLU where `post_relu`."""

    def __init__(self, body, shortcut, post_relu):
        super().__init__()
        self.body, self.shortcut, self.post_relu = body, shortcut, post_relu

    def forward(self, x):
        y = self.body(x) + self.shortcut(x)
        return torch.relu(y) if self.post_relu else y


class Concat(nn.Sequential):
    """Branches on the same input, joined along the channels."""

    def forward(self, x):
        return torch.cat([branch(x) for branch in self], 1)


class GlobalAvgPool(nn.Module):
    def forward(self, x):
        return x.mean((2, 3))


class Network(nn.Sequential):
    """[N, 3, 32, 32] float, normalised by MEAN and STD -> logits [N, CLASSES]."""

    def __init__(self):
        super().__init__()";

constexpr const char* kUse = R"(

def load(path=Path(__file__).with_name("model.safetensors")):
    """The network with the weights of a safetensors file, in evaluation mode."""
    from safetensors.torch import load_file

    network = Network()
    network.load_state_dict(load_file(path))
    return network.eval()


def to_input(picture):
    """A PIL image -> [1, 3, H, W], scaled and normalised as in training."""
    import numpy

    pixels = numpy.asarray(picture.convert("RGB").resize(INPUT[:0:-1]), dtype="float32") / 255
    return ((torch.from_numpy(pixels) - torch.tensor(MEAN)) / torch.tensor(STD)).permute(2, 0, 1)[None]


if __name__ == "__main__":
    from PIL import Image

    if len(sys.argv) < 2:
        sys.exit("Usage: python model.py PICTURE...")
    network = load()
    for name in sys.argv[1:]:
        with torch.no_grad():
            chances = network(to_input(Image.open(name))).softmax(1)[0]
        best = chances.topk(min(5, CLASSES))
        listed = ", ".join(f"{NAMES[k]}: {p:.1%}" for p, k in zip(best.values, best.indices.tolist()))
        print(f"{name}: {listed}")
)";

std::string python_string(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return quoted + '"';
}

// Shortest text that reads back as the same number.
template <class Number>
std::string number(Number value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

std::string triple(const std::array<float, 3>& values) {
  return "(" + number(values[0]) + ", " + number(values[1]) + ", " + number(values[2]) + ")";
}

std::string whole(std::int64_t value) { return std::to_string(value); }

std::string conv(const Conv& c) {
  std::string call =
      "nn.Conv2d(" + whole(c.in) + ", " + whole(c.out) + ", kernel_size=" + whole(c.kernel);
  if (c.stride != 1) call += ", stride=" + whole(c.stride);
  if (c.padding != 0) call += ", padding=" + whole(c.padding);
  if (c.groups != 1) call += ", groups=" + whole(c.groups);
  return call + (c.bias ? ")" : ", bias=False)");
}

std::string pool(const Pool& p) {
  return std::string(p.max ? "nn.MaxPool2d(" : "nn.AvgPool2d(") + whole(p.kernel) +
         ", stride=" + whole(p.stride) + (p.padding != 0 ? ", padding=" + whole(p.padding) : "") +
         ")";
}

std::string activation(ActivationKind kind) {
  switch (kind) {
    case ActivationKind::kRelu:
      return "nn.ReLU()";
    case ActivationKind::kRelu6:
      return "nn.ReLU6()";
    case ActivationKind::kSilu:
      return "nn.SiLU()";
  }
  return "";
}

std::string expression(const Layer& layer, const std::string& indent);

// An OrderedDict of named modules, as nn.Sequential takes it; `indent` is that of its own line.
std::string named(const Layers& layers, const std::string& indent) {
  const std::string inner = indent + "    ";
  std::string text = "OrderedDict([\n";
  for (const Layer& layer : layers)
    text += inner + "(" + python_string(layer.name) + ", " + expression(layer, inner) + "),\n";
  return text + indent + "])";
}

std::string sequence(const Layers& layers, const std::string& indent) {
  return layers.empty() ? "nn.Sequential()" : "nn.Sequential(" + named(layers, indent) + ")";
}

std::string expression(const Layer& layer, const std::string& indent) {
  return std::visit(
      Overloaded{
          [](const Conv& c) { return conv(c); },
          [&](const BatchNorm& norm) {
            return std::string(layer.output.flat() ? "nn.BatchNorm1d(" : "nn.BatchNorm2d(") +
                   whole(norm.channels) + ")";
          },
          [](const Activation& a) { return activation(a.kind); },
          [](const Pool& p) { return pool(p); },
          [](const GlobalAvgPool&) { return std::string("GlobalAvgPool()"); },
          [](const Flatten&) { return std::string("nn.Flatten()"); },
          [](const Dropout& d) { return "nn.Dropout(" + number(d.p) + ")"; },
          [](const Linear& l) { return "nn.Linear(" + whole(l.in) + ", " + whole(l.out) + ")"; },
          [&](const Residual& r) {
            return "Residual(" + sequence(r.body, indent) + ", " + sequence(r.shortcut, indent) +
                   ", " + (r.post_relu ? "post_relu=True)" : "post_relu=False)");
          },
          [&](const Concat& c) {
            const std::string inner = indent + "    ";
            std::string text = "Concat(\n";
            for (const Layers& branch : c.branches) text += inner + sequence(branch, inner) + ",\n";
            return text + indent + ")";
          },
          [&](const Sequence& s) { return sequence(s.layers, indent); }},
      layer.op);
}

// A list, or an expression for one where the names are not known.
std::string names_of(std::int64_t classes, std::span<const std::string_view> names) {
  if (names.size() != static_cast<std::size_t>(classes)) {
    return "[f\"class {k}\" for k in range(CLASSES)]";
  }
  std::string text;
  std::size_t line = 0;  // where the last one begins
  for (const std::string_view name : names) {
    const std::string word = python_string(std::string(name)) + ",";
    if (text.empty() || text.size() - line + word.size() > kLineLength) {
      text += "\n   ";
      line = text.size() - 4;
    }
    text += " " + word;
  }
  return "[" + text + "\n]";
}

}  // namespace

std::string python_model(const ResolvedArchitecture& architecture, const PixelMoments& moments,
                         std::span<const std::string_view> class_names, const std::string& about) {
  std::string text = "# " + about + "\n";
  std::replace_if(
      text.begin(), text.end() - 1, [](char c) { return static_cast<unsigned char>(c) < 0x20; },
      ' ');
  text += "# Plain PyTorch; the names of its state_dict are those of model.safetensors.\n";
  text += kImports;
  text += "ARCHITECTURE = " + python_string(architecture.name) + "\n";
  text += "INPUT = (" + whole(architecture.input.channels) + ", " +
          whole(architecture.input.height) + ", " + whole(architecture.input.width) + ")\n";
  text += "CLASSES = " + whole(architecture.classes) + "\n";
  text += "NAMES = " + names_of(architecture.classes, class_names) + "  # of the classes\n";
  text += "MEAN = " + triple(moments.mean) + "  # of pixels in [0, 1], per channel\n";
  text += "STD = " + triple(moments.stddev) + "\n";
  return text + kBlocks + named(architecture.layers, "        ") + ")\n" + kUse;
}

}  // namespace firesweep
