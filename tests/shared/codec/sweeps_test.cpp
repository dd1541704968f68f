// Every file in sweeps/ loads, freezes with the architectures beside it and thaws again.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "shared/codec/sweep_codec.h"
#include "shared/codec/sweep_text.h"
#include "tests/places.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

ArchitectureTexts shipped_architectures() {
  ArchitectureTexts texts;
  for (const auto& entry : fs::directory_iterator(source_dir() / "architectures")) {
    texts[entry.path().stem()] = text_of(entry.path());
  }
  return texts;
}

TEST(SweepFiles, EveryOneLoadsFreezesAndThaws) {
  int files = 0;
  for (const auto& entry : fs::directory_iterator(source_dir() / "sweeps")) {
    ++files;
    const auto sweep = merged_sweep(
        text_of(entry.path()), entry.path().string(),
        [](const std::string& path) { return text_of(source_dir() / "sweeps" / path); }, {});
    ASSERT_TRUE(sweep) << to_string(sweep.error());
    const auto spec = decode_sweep(sweep->text, entry.path().string());
    ASSERT_TRUE(spec) << to_string(spec.error());
    EXPECT_TRUE(spec->warnings.empty()) << entry.path();
    const auto frozen = freeze(*spec, shipped_architectures(), entry.path().string());
    ASSERT_TRUE(frozen) << to_string(frozen.error());
    ArchitectureTexts kept;
    for (const auto& [name, architecture] : frozen->architectures) {
      kept[name] = architecture.canonical;
    }
    const auto thawed = thaw(frozen->canonical, kept);
    ASSERT_TRUE(thawed) << to_string(thawed.error());
    EXPECT_EQ(thawed->hash, frozen->hash);
  }
  EXPECT_GE(files, 4);
}

}  // namespace
}  // namespace firesweep
