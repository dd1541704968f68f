#include "worker/training/model.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/places.h"
#include "tests/worker/training/closed_form.h"

namespace firesweep {
namespace {

// `blocks` of make_reference.py.
constexpr const char* kBlocks = R"({"format": 1, "name": "blocks", "input": [3, 32, 32], "blocks": [
  {"conv": 12, "kernel": 5, "stride": 2, "bias": false}, "bn", {"act": "relu6"},
  {"residual": [{"act": "relu"}, {"conv": "in", "groups": "in"}, "bn", {"act": "silu"}]},
  {"concat": [[{"conv": 8, "kernel": 1}],
              [{"avg_pool": 3, "stride": 1, "padding": 1}, {"conv": 10}, {"act": "relu"}]]},
  {"max_pool": 3, "stride": 2, "padding": 1},
  {"residual": [{"conv": 24, "stride": 2}, "bn"], "shortcut": "project_if_needed", "post": "relu"},
  {"avg_pool": 2}, "flatten", {"dropout": 0.3}, {"linear": "classes"}]})";

ResolvedArchitecture architecture(const std::string& name, double dropout = -1) {
  return name == "blocks" ? architecture_from(kBlocks, 10, dropout)
                          : shipped_architecture(name, 100, dropout);
}

at::Tensor doubles(const nlohmann::json& numbers) {
  return at::tensor(numbers.get<std::vector<double>>(), at::kDouble);
}

at::Tensor images(std::int64_t key, std::int64_t count) {
  return noise(key, {count, 3, 32, 32}, -1.7, 1.7).contiguous(at::MemoryFormat::ChannelsLast);
}

class Logits : public testing::TestWithParam<const char*> {};

// Weights and inputs by a formula, in training's own precision and in double, where only a wrong
// structure can differ.
TEST_P(Logits, AreThoseOfPyTorch) {
  const auto& expected = reference().at("logits").at(GetParam());
  const Model model(architecture(GetParam()), 1, at::kCPU);
  fill_with_noise(model, expected.at("head").get<double>());
  const at::Tensor logits = doubles(expected.at("logits")).view({2, -1});
  const at::NoGradGuard no_grad;
  EXPECT_LT(worst_difference(model.forward(images(900, 2), false), logits, 1e-5, 1e-6), 1)
      << "single precision";
  make_double(model);
  const at::Tensor exact = model.forward(images(900, 2).to(at::kDouble), false);
  EXPECT_LT(worst_difference(exact, logits, 1e-7, 1e-9), 1) << "double precision";
}
INSTANTIATE_TEST_SUITE_P(OfAll, Logits,
                         testing::Values("v1", "v2", "v3", "v4", "v5", "v5_plain", "blocks"),
                         [](const auto& one) { return std::string(one.param); });

class Gradients : public testing::TestWithParam<const char*> {};

TEST_P(Gradients, LossAndBatchNormAreThoseOfPyTorch) {
  const auto& expected = reference().at("gradients").at(GetParam());
  const Model model(architecture(GetParam(), /*dropout=*/0), 1, at::kCPU);
  fill_with_noise(model, expected.at("head").get<double>());
  const at::Tensor labels = at::empty({8}, at::kLong);
  const std::int64_t classes = std::string(GetParam()) == "blocks" ? 10 : 100;
  for (std::int64_t i = 0; i < 8; ++i)
    labels.mutable_data_ptr<std::int64_t>()[i] = (7 * i + 3) % classes;

  const at::Tensor loss =
      at::cross_entropy_loss(model.forward(images(901, 8), true), labels, {}, 1, -100, 0.1);
  loss.backward();

  EXPECT_NEAR(loss.item<double>(), expected.at("loss").get<double>(), 1e-5);
  const auto& gradients = expected.at("gradients");
  ASSERT_EQ(model.parameters().size(), gradients.size());
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    const auto& [name, parameter] = model.parameters()[i];
    const auto& row = gradients[i];
    if (!parameter.requires_grad()) {
      EXPECT_LT(row.at("norm").get<double>(), 1e-6) << name << ": only rounding";
      continue;
    }
    const at::Tensor gradient = parameter.grad().contiguous().view({-1});
    EXPECT_LT(
        worst_difference(gradient.norm(), at::tensor(row.at("norm").get<double>()), 1e-4, 1e-6), 1)
        << name;
    const std::int64_t last = gradient.numel() - 1;
    const at::Tensor some =
        gradient.index_select(0, at::tensor({std::int64_t{0}, (last + 1) / 2, last}, at::kLong));
    EXPECT_LT(worst_difference(some, doubles(row.at("at")), 1e-4, 1e-6), 1) << name;
  }
  const auto& variances = expected.at("running_var");
  for (std::size_t i = 0; i < variances.size(); ++i) {
    const at::Tensor variance = model.buffers().at(2 * i + 1).tensor;
    EXPECT_NEAR(variance[0].item<double>(), variances[i].get<double>(), 1e-5)
        << model.buffers()[2 * i + 1].name;
  }
}
INSTANTIATE_TEST_SUITE_P(OfSome, Gradients, testing::Values("v3", "blocks"),
                         [](const auto& one) { return std::string(one.param); });

TEST(Model, BiasesThatBatchNormSubtractsAgainAreNotTrained) {
  const Model model(architecture("v3", 0), 1, at::kCPU);
  std::map<std::string, bool> trained;
  for (const auto& [name, parameter] : model.parameters())
    trained[name] = parameter.requires_grad();
  EXPECT_FALSE(trained.at("0.conv.bias"));
  EXPECT_TRUE(trained.at("0.conv.weight"));
  EXPECT_TRUE(trained.at("0.bn.bias"));
  EXPECT_TRUE(trained.at("3.shortcut.0.bias")) << "a sum follows, no BatchNorm";
}

TEST(Model, CountsTheParametersThatTheAnalysisDoesForEveryShippedFile) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(source_dir() / "architectures")) {
    if (entry.path().extension() != ".json") continue;
    ++files;
    const ResolvedArchitecture file = shipped_architecture(entry.path().stem().string());
    const Model model(file, 1, at::kCPU);
    EXPECT_EQ(model.parameter_count(), cost_of(file).params) << file.name;
    EXPECT_EQ(model.bytes(), cost_of(file).model_bytes) << file.name;
    const at::NoGradGuard no_grad;
    EXPECT_EQ(model.forward(images(902, 2), false).sizes(), (std::vector<std::int64_t>{2, 100}))
        << file.name;
  }
  EXPECT_GE(files, 6);
}

// The published counts (facts/variants.md).
TEST(Model, HasThePublishedNumberOfParameters) {
  const std::vector<std::pair<const char*, std::int64_t>> published = {
      {"v1", 7'856'868}, {"v2", 1'283'684}, {"v3", 2'755'732},
      {"v4", 3'235'460}, {"v5", 3'657'440}, {"v5_plain", 3'657'440}};
  for (const auto& [name, count] : published)
    EXPECT_EQ(Model(shipped_architecture(name), 1, at::kCPU).parameter_count(), count) << name;
}

// With no bias, a convolution of twice the channels shows its input in the first half of them.
TEST(Model, DiracInitialisationPassesTheInputOnAndDrawsTheRest) {
  const ResolvedArchitecture file = architecture_from(
      R"({"format": 1, "name": "d", "input": [3, 32, 32], "blocks": [
        {"conv": 6, "bias": false}, {"conv": 4, "kernel": 1, "bias": false},
        {"conv": 8, "groups": 4, "bias": false}, "global_avg_pool", {"linear": "classes"}]})",
      4);
  const Model dirac(file, 1, at::kCPU, {.init = Init::kDirac}), drawn(file, 1, at::kCPU);
  const auto weight = [](const Model& model, std::size_t i) {
    return model.parameters()[i].tensor.detach();
  };
  const at::NoGradGuard no_grad;
  const at::Tensor x = images(904, 2);
  const at::Tensor six = at::conv2d(x, weight(dirac, 0), {}, 1, 1);
  EXPECT_LT(worst_difference(six.narrow(1, 0, 3), x, 1e-6, 1e-6), 1);
  EXPECT_TRUE(at::equal(weight(dirac, 0).narrow(0, 3, 3), weight(drawn, 0).narrow(0, 3, 3)));
  const at::Tensor four = at::conv2d(six, weight(dirac, 1));
  EXPECT_LT(worst_difference(four, six.narrow(1, 0, 4), 1e-6, 1e-6), 1);
  const at::Tensor eight = at::conv2d(four, weight(dirac, 2), {}, 1, 1, 1, 4);
  for (std::int64_t group = 0; group < 4; ++group) {
    EXPECT_LT(worst_difference(eight.select(1, 2 * group), four.select(1, group), 1e-6, 1e-6), 1);
    EXPECT_TRUE(at::equal(weight(dirac, 2)[2 * group + 1], weight(drawn, 2)[2 * group + 1]));
  }
  EXPECT_TRUE(at::equal(weight(dirac, 3), weight(drawn, 3)));
  EXPECT_TRUE(weight(dirac, 0).is_contiguous(at::MemoryFormat::ChannelsLast));
}

// After a batch from the start: (1-m)·0 + m·mean, in layers of their own and in joined ones.
TEST(Model, RunningStatisticsMoveByTheSettingsMomentum) {
  const ResolvedArchitecture file = architecture("v3", 0);
  const Model slow(file, 1, at::kCPU), fast(file, 1, at::kCPU, {.bn_momentum = 0.4});
  const at::NoGradGuard no_grad;
  const at::Tensor batch = images(903, 4);
  EXPECT_TRUE(at::equal(slow.forward(batch, true), fast.forward(batch, true)));
  for (std::size_t i = 0; i < slow.buffers().size(); ++i) {
    const auto& [name, tensor] = slow.buffers()[i];
    const double start = name.ends_with("running_var") ? 1 : 0;
    EXPECT_LT(
        worst_difference(fast.buffers()[i].tensor.sub(start), tensor.sub(start).mul(4), 1e-4, 1e-5),
        1)
        << name;
  }
}

TEST(Model, NamesFollowTheLayerTable) {
  const ResolvedArchitecture file = shipped_architecture("v3");
  std::set<std::string> paths;
  for (const LayerRow& row : layer_table(file)) paths.insert(row.path);
  const Model model(file, 1, at::kCPU);
  std::set<std::string> names;
  for (const NamedTensor& entry : model.state()) {
    EXPECT_TRUE(names.insert(entry.name).second) << entry.name << " twice";
    EXPECT_TRUE(paths.contains(entry.name.substr(0, entry.name.rfind('.')))) << entry.name;
  }
  EXPECT_TRUE(names.contains("2.body.0.squeeze.conv.weight"));
}

TEST(Model, InitialisationIsPyTorchsDefaultAndTheSeeds) {
  const ResolvedArchitecture file = shipped_architecture("v2");
  const Model one(file, 1, at::kCPU), again(file, 1, at::kCPU), other(file, 2, at::kCPU);
  for (std::size_t i = 0; i < one.parameters().size(); ++i) {
    const auto& [name, tensor] = one.parameters()[i];
    EXPECT_TRUE(at::equal(tensor, again.parameters()[i].tensor)) << name;
    if (tensor.dim() < 2) continue;
    EXPECT_FALSE(at::equal(tensor, other.parameters()[i].tensor)) << name;
    const double bound = 1 / std::sqrt(static_cast<double>(tensor[0].numel()));
    EXPECT_LE(tensor.abs().max().item<double>(), bound) << name;
    const auto count = static_cast<double>(tensor.numel());
    EXPECT_NEAR(tensor.mean().item<double>(), 0, 5 * bound / std::sqrt(3 * count)) << name;
    EXPECT_NEAR(tensor.square().mean().item<double>() / (bound * bound), 1.0 / 3,
                5 * 0.3 / std::sqrt(count))
        << name;
  }
}

TEST(Model, KeepsFourDimensionalWeightsInChannelsLast) {
  const Model model(shipped_architecture("v3"), 1, at::kCPU);
  for (const NamedTensor& entry : model.parameters()) {
    if (entry.tensor.dim() == 4) {
      EXPECT_TRUE(entry.tensor.is_contiguous(at::MemoryFormat::ChannelsLast)) << entry.name;
    }
  }
}

TEST(CopyState, RefusesAnotherShapeAndWritesNothing) {
  const Model from(shipped_architecture("v2"), 1, at::kCPU),
      to(shipped_architecture("v2", 10), 2, at::kCPU);
  const at::Tensor before = to.parameters()[0].tensor.detach().clone();
  EXPECT_FALSE(copy_state(from.state(), to.state()));
  EXPECT_TRUE(at::equal(before, to.parameters()[0].tensor));
  const Model same(shipped_architecture("v2"), 3, at::kCPU);
  EXPECT_TRUE(copy_state(from.state(), same.state()));
  EXPECT_TRUE(at::equal(from.parameters()[0].tensor, same.parameters()[0].tensor));
}

}  // namespace
}  // namespace firesweep
