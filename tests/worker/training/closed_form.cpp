#include "tests/worker/training/closed_form.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>

#include <cmath>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "shared/codec/architecture_codec.h"
#include "tests/places.h"

namespace firesweep {
namespace {

double noise_at(std::uint64_t key, std::uint64_t place) {
  auto h = static_cast<std::uint32_t>(place * 0x9E3779B1U + key * 0x85EBCA77U + 1);
  h ^= h >> 15;
  h *= 0x2C1B3C6DU;
  h ^= h >> 12;
  h *= 0x297A2D39U;
  h ^= h >> 15;
  return static_cast<double>(h) / 4294967296.0;
}

std::string read(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

ResolvedArchitecture resolved(const std::string& text, const std::string& name,
                              std::int64_t classes, double dropout) {
  const auto file = decode_architecture(text, name);
  if (!file) throw std::runtime_error(to_string(file.error()));
  const auto architecture = resolve(*file, classes, {}, dropout);
  if (!architecture) throw std::runtime_error(to_string(architecture.error()));
  return *architecture;
}

}  // namespace

at::Tensor noise(std::int64_t key, at::IntArrayRef sizes, double low, double high) {
  at::Tensor tensor = at::empty(sizes);
  auto* const values = tensor.mutable_data_ptr<float>();
  for (std::int64_t i = 0; i < tensor.numel(); ++i) {
    values[i] = static_cast<float>(low + (high - low) * noise_at(static_cast<std::uint64_t>(key),
                                                                 static_cast<std::uint64_t>(i)));
  }
  return tensor;
}

void fill_with_noise(const Model& model, double head) {
  const at::NoGradGuard no_grad;
  const auto set = [](at::Tensor target, std::int64_t key, double low, double high) {
    target.copy_(noise(key, target.sizes(), low, high));
  };
  std::int64_t layer = -1;
  std::size_t next_buffer = 0;
  for (const auto& [name, tensor] : model.parameters()) {
    const bool is_weight = name.ends_with(".weight");
    if (is_weight) ++layer;
    if (!is_weight) {
      set(tensor, 8 * layer + 1, -0.1, 0.1);
    } else if (tensor.dim() == 1) {
      set(tensor, 8 * layer, 0.8, 1.2);
      set(model.buffers().at(next_buffer++).tensor, 8 * layer + 2, -0.1, 0.1);
      set(model.buffers().at(next_buffer++).tensor, 8 * layer + 3, 0.8, 1.2);
    } else {
      const double bound = std::sqrt(6.0 / static_cast<double>(tensor[0].numel())) *
                           (tensor.dim() == 2 ? head : 1.0);
      set(tensor, 8 * layer, -bound, bound);
    }
  }
}

void make_double(const Model& model) {
  const at::NoGradGuard no_grad;
  for (const NamedTensor& entry : model.state())
    entry.tensor.set_data(entry.tensor.detach().to(at::kDouble));
}

const nlohmann::json& reference() {
  static const auto json =
      nlohmann::json::parse(read(source_dir() / "tests/worker/training/reference/reference.json"));
  return json;
}

ResolvedArchitecture shipped_architecture(const std::string& name, std::int64_t classes,
                                          double dropout) {
  const std::string path = source_dir() / "architectures" / (name + ".json");
  return resolved(read(path), path, classes, dropout);
}

ResolvedArchitecture architecture_from(const std::string& text, std::int64_t classes,
                                       double dropout) {
  return resolved(text, "test.json", classes, dropout);
}

double worst_difference(const at::Tensor& a, const at::Tensor& b, double rtol, double atol) {
  const at::Tensor x = a.detach().to(at::kDouble), y = b.detach().to(at::kDouble);
  return x.sub(y).abs().div(y.abs().mul(rtol).add(atol)).max().item<double>();
}

}  // namespace firesweep
