// Every file in architectures/: it loads, and its parameters and MACs are the published ones.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "shared/codec/architecture_codec.h"
#include "shared/domain/architecture.h"
#include "tests/places.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = source_dir() / "architectures";

ResolvedArchitecture load(const std::string& name, std::int64_t classes = 100) {
  const fs::path path = kFolder / (name + ".json");
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  const auto architecture = decode_architecture(text.str(), path.string());
  EXPECT_TRUE(architecture) << to_string(architecture.error());
  if (!architecture) return {};
  EXPECT_EQ(architecture->name, name);
  const auto resolved = resolve(*architecture, classes);
  EXPECT_TRUE(resolved) << to_string(resolved.error());
  return resolved.value_or(ResolvedArchitecture{});
}

struct Published {
  std::int64_t params;
  std::int64_t macs;
};

// facts/variants.md; three by the definitions of pytorch-cifar100, whose table gives 11.2 M, 0.78 M
// and 2.36 M parameters; those of our own summed up convolution by convolution.
const std::map<std::string, Published> kPublished = {
    {"v1", {7'856'868, 1'516'765'184}},       {"v2", {1'283'684, 85'805'056}},
    {"v3", {2'755'732, 53'757'952}},          {"v4", {3'235'460, 318'570'496}},
    {"v5", {3'657'440, 432'424'960}},         {"v5_plain", {3'657'440, 432'424'960}},
    {"resnet18", {11'220'132, 555'468'800}},  {"squeezenet", {781'156, 53'280'768}},
    {"mobilenetv2", {2'369'380, 64'947'264}}, {"preact_200k", {193'644, 53'791'776}},
    {"preact_500k", {476'932, 123'628'480}},  {"preact_1m", {1'120'468, 308'117'120}},
    {"preact_4m", {3'825'380, 735'357'504}},  {"stages", {483'916, 92'326'656}},
};

TEST(Architectures, ParametersAndMacsAreThePublishedOnes) {
  for (const auto& [name, published] : kPublished) {
    const Cost cost = cost_of(load(name));
    EXPECT_EQ(cost.params, published.params) << name;
    EXPECT_EQ(cost.macs, published.macs) << name;
  }
}

TEST(Architectures, EveryFileHasItsPublishedCounts) {
  std::set<std::string> files;
  for (const auto& entry : fs::directory_iterator(kFolder)) files.insert(entry.path().stem());
  std::set<std::string> known;
  for (const auto& [name, published] : kPublished) known.insert(name);
  EXPECT_EQ(files, known);
}

TEST(Architectures, ClassesChangeTheHeadOnly) {
  const Cost hundred = cost_of(load("v3"));
  const Cost ten = cost_of(load("v3", 10));
  EXPECT_EQ(hundred.params - ten.params, 90 * (512 + 1));
  EXPECT_EQ(hundred.macs - ten.macs, 90 * 512);
}

// Counts cannot see a shortcut or what follows an addition, so these are said once more.
TEST(Architectures, ShortcutsStandWhereTheStudyHasThem) {
  const auto adds = [](const std::string& name) {
    std::string text;
    for (const LayerRow& row : layer_table(load(name))) {
      if (row.kind.starts_with("Add")) text += row.path + " " + row.kind + "; ";
    }
    return text;
  };
  EXPECT_EQ(adds("v1"), "");
  EXPECT_EQ(adds("v2"), "");
  EXPECT_EQ(adds("v3"), "2 Add; 3 Add; 6 Add; 9 Add; ");
  EXPECT_EQ(adds("v4"), "3 Add, ReLU; 7 Add, ReLU; ");
  EXPECT_EQ(adds("v5"), "1 Add; 6 Add; ");
  EXPECT_EQ(adds("v5_plain"), "");
}

}  // namespace
}  // namespace firesweep
